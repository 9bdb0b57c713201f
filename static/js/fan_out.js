// Enter in the cap counts anew: it must not press the button of the form around the list.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.id !== "fan-out-cap") return;
  event.preventDefault();
  event.target.dispatchEvent(new Event("change", { bubbles: true }));
});

// An answer that was asked for before something was ticked doesn't know of it. It is left out: every change asks
// anew.
let changes = 0;
let asked = 0;
const isAsked = ({ requestConfig }) => requestConfig.elt.id === "fan-out";
document.addEventListener("change", (event) => event.target.closest("#fan-out") && (changes += 1));
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (isAsked(detail)) asked = changes;
});
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (isAsked(detail) && asked !== changes) detail.shouldSwap = false;
});
