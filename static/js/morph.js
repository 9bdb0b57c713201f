// hx-swap="morph": htmx swaps through idiomorph, so a playing video, the focus and a half-typed
// word survive an update. Idiomorph's own extension builds its settings with eval, which our
// content security policy forbids, and takes every out-of-band swap for a morph.
(() => {
  const callbacks = {
    // A hover preview exists only in the browser; the server's markup must not sweep it away.
    // What people opened stays open; the server only opens what it must.
    beforeAttributeUpdated: (name, node, change) => !(node instanceof HTMLDetailsElement && name === "open" && change === "remove"),
    beforeNodeRemoved: (node) => !(node instanceof HTMLElement && node.matches(".take-preview, .take-sprite")),
  };

  // Radios of a group are morphed one by one; a choice that moves to another one gets lost on the way.
  const choose = (ids) => ids.map((id) => document.getElementById(id)).forEach((radio) => radio && (radio.checked = true));

  htmx.defineExtension("morph", {
    isInlineSwap: (style) => style === "morph",
    handleSwap: (style, target, fragment) => {
      if (style !== "morph") return false;
      // Only a field is left as it is typed: a button's value is what its next press will ask for.
      const ignoreActiveValue = Boolean(document.activeElement?.matches("input, textarea, select"));
      const chosen = [...fragment.querySelectorAll("[type=radio][checked]")].map(({ id }) => id);
      const morphed = Idiomorph.morph(target, fragment.children, { morphStyle: "outerHTML", ignoreActiveValue, callbacks });
      choose(chosen);
      return morphed;
    },
  });
})();
