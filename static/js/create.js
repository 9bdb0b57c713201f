// The create panel's comforts: Ctrl/⌘ + Enter, a prompt that survives a reload, a character count.
const DRAFT = "studio-prompt";
const form = () => document.getElementById("create-form");
const prompt = () => document.getElementById("id_prompt");

function keepDraft() {
  try {
    sessionStorage.setItem(DRAFT, prompt().value);
  } catch {
    // Storage may be full or forbidden; a draft is a comfort, not a promise.
  }
}

function restoreDraft() {
  const field = prompt();
  if (!field || field.value) return;
  try {
    field.value = sessionStorage.getItem(DRAFT) ?? "";
  } catch {
    // As above.
  }
}

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
  line.hidden = !limit || field.value.length < limit * 0.8;
  line.classList.toggle("is-over", field.value.length > limit);
  line.textContent = `${field.value.length.toLocaleString("en")} of ${limit.toLocaleString("en")} characters`;
}

function refresh() {
  if (!prompt()) return;
  fit();
  count();
}

document.addEventListener("input", (event) => {
  if (event.target !== prompt()) return;
  keepDraft();
  // What was wrong is being put right.
  prompt().removeAttribute("aria-invalid");
  document.getElementById("prompt-notes").replaceChildren();
  refresh();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
  if (!form()?.contains(event.target) && event.target !== document.body) return;
  event.preventDefault();
  form()?.requestSubmit(document.getElementById("generate"));
});

// A refused form comes back with its messages: go to the first of them.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.xhr?.status === 422) form()?.querySelector("[aria-invalid=true]")?.focus();
  refresh();
});

restoreDraft();
refresh();
