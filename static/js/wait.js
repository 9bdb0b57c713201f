// A retry that had better wait: its button counts down, as the server said, and then can be pressed.
const ends = new WeakMap();

function tick() {
  for (const button of document.querySelectorAll("[data-wait]")) {
    const known = ends.get(button);
    if (known?.said !== button.dataset.wait) {
      ends.set(button, { said: button.dataset.wait, at: performance.now() + 1000 * button.dataset.wait, words: button.textContent });
    }
    const { at, words } = ends.get(button);
    const left = Math.ceil((at - performance.now()) / 1000);
    button.disabled = left > 0;
    button.querySelector("span").textContent = left > 0 ? `Wait ${left} s` : words.trim();
    if (left <= 0) delete button.dataset.wait;
  }
}

tick();
setInterval(tick, 1000);
document.addEventListener("htmx:afterSettle", tick);
