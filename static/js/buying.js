// An order that waits for an answer leads there; a choice that fits the balance leads to its model.
// The answer to an order holds the price: none that was asked for before may be drawn over it.
let ordering = false;

const sender = (event) => event.detail.requestConfig?.elt ?? event.detail.elt;

document.addEventListener("htmx:beforeRequest", (event) => {
  const { id } = sender(event);
  if (id === "price" && ordering) event.preventDefault();
  if (id !== "create-form") return;
  ordering = true;
  htmx.trigger("#price", "htmx:abort");
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (sender(event).id === "create-form") ordering = false;
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.xhr?.status === 422) document.querySelector("[data-answer]")?.focus();
  if (sender(event)?.matches(".fit")) document.getElementById("id_model")?.focus();
});
