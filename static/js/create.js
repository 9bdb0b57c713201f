// The create panel's comforts: Ctrl/⌘ + Enter, a character count, and a price that follows what the browser
// restores.
const form = () => document.getElementById("create-form");
const prompt = () => document.getElementById("id_prompt");

// Only where the browser can't size the field itself (field-sizing: content).
function fit() {
  if (CSS.supports("field-sizing", "content")) return;
  const field = prompt();
  field.rows = Math.min(16, Math.max(4, field.value.split("\n").length + Math.floor(field.value.length / 64)));
}

function count() {
  const field = prompt();
  const line = document.querySelector(".prompt-count");
  const limit = Number(field.dataset.maxLength);
  // As the server counts: characters, where a string's length would count an emoji twice.
  const length = [...field.value.trim()].length;
  line.hidden = !limit || length < limit * 0.8;
  line.classList.toggle("is-over", length > limit);
  line.textContent = `${length.toLocaleString("en")} of ${limit.toLocaleString("en")} characters`;
}

function refresh() {
  if (!prompt()) return;
  fit();
  count();
}

document.addEventListener("input", (event) => {
  if (event.target !== prompt()) return;
  // What was wrong is being put right.
  prompt().removeAttribute("aria-invalid");
  document.getElementById("prompt-notes").replaceChildren();
  refresh();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
  if (!form()?.contains(event.target) && event.target !== document.body) return;
  event.preventDefault();
  const button = document.getElementById("generate");
  if (!button?.disabled) form()?.requestSubmit(button);
});

// A refused form comes back with its messages: go to the first of them.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.xhr?.status === 422) form()?.querySelector("[aria-invalid=true]")?.focus();
  refresh();
});

function differs(field) {
  if (field.type === "radio") return field.checked !== field.defaultChecked;
  return field.tagName === "SELECT" && [...field.options].some((option) => option.selected && !option.defaultSelected);
}

function enable(may) {
  for (const button of document.querySelectorAll("#generate, .answer")) button.disabled = !may;
}

// Going back or reloading, the browser puts people's choices into a page drawn for the usual ones.
function catchUp(event) {
  const model = document.getElementById("id_model");
  if (!model || !form()) return;
  const [entry] = performance.getEntriesByType("navigation");
  if (!event.persisted && entry?.type !== "back_forward" && ![...form().elements].some(differs)) return;
  // Until the answer is there, the buttons name another shot's price.
  enable(false);
  form().addEventListener("htmx:afterRequest", () => enable(true), { once: true });
  htmx.trigger(model, "retry");
}

window.addEventListener("pageshow", catchUp);
refresh();
