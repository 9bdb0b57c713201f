// "From library" opens the library above the form; what is picked goes into the slot. Without this script the
// library is a page of its own, and the form waits as a draft.
const dialog = () => document.getElementById("library-dialog");
const body = () => dialog().querySelector(".dialog-body");
let role = "";

function show(text, url) {
  const line = document.createElement("p");
  line.className = "library-waits hint";
  line.textContent = text;
  body().replaceChildren(line);
  if (!url) return;
  const again = document.createElement("button");
  Object.assign(again, { type: "button", className: "button is-small", textContent: "Try again" });
  again.addEventListener("click", () => load(url));
  body().append(again);
}

async function load(url) {
  show("Reading the library");
  const answer = await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) return show("The library can’t be reached at the moment. Nothing was changed.", url);
  body().innerHTML = await answer.text();
  htmx.process(body());
  (body().querySelector("[data-pick]") ?? body().querySelector("input[type=search]"))?.focus();
}

function open(button) {
  role = button.closest(".slot").dataset.role;
  dialog().querySelector("h2").textContent = `Library · ${button.closest(".slot").querySelector("label").textContent}`;
  dialog().showModal();
  load(button.dataset.library);
}

async function assetOf(button) {
  if (button.dataset.pick === "asset") return button.value;
  const data = new FormData(button.form);
  data.set("take", button.value);
  data.set("answer", "json");
  const answer = await fetch(button.form.action, { method: "POST", body: data }).catch(() => null);
  const found = await answer?.json().catch(() => ({}));
  if (!found?.asset) throw new Error(found?.problem ?? "The studio didn’t answer. Nothing was picked.");
  return String(found.asset);
}

async function pick(button) {
  button.disabled = true;
  try {
    const asset = await assetOf(button);
    const slot = document.getElementById(`slot-${role}`);
    const count = slot ? slot.querySelectorAll(`input[name="${role}"]`).length + 1 : 1;
    document.dispatchEvent(new CustomEvent("studio:input", { detail: { role, asset } }));
    if (!slot || count >= Number(slot.dataset.maxCount)) return dialog().close();
    button.textContent = "Added";
  } catch (error) {
    button.disabled = false;
    const line = document.createElement("p");
    line.className = "error-text";
    line.setAttribute("role", "alert");
    line.textContent = error.message;
    button.closest(".library-card").append(line);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-library]");
  if (button && dialog()) {
    event.preventDefault();
    open(button);
  }
  if (event.target.closest?.("#library-dialog [data-close]") || event.target === dialog()) dialog().close();
});
document.addEventListener("submit", (event) => {
  if (!event.submitter?.matches("#library-dialog [data-pick]")) return;
  event.preventDefault();
  pick(event.submitter);
}, true);
document.addEventListener("close", (event) => {
  if (event.target === dialog()) document.querySelector(`#slot-${role} [data-library], #slot-${role} [data-remove]`)?.focus();
}, true);
