// An order that waits for an answer leads there; a choice that fits the balance leads to its price.
let chose = false;

document.addEventListener("htmx:beforeRequest", (event) => { chose = event.target.matches?.(".fit") ?? false; });

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.xhr?.status === 422) document.querySelector("[data-answer]")?.focus();
  if (chose) document.getElementById("generate")?.focus();
  chose = false;
});
