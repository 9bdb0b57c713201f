// "From library" opens the library above the form; what is picked goes into the slot. Without this script the
// library is a page of its own, and the form waits as a draft.
const dialog = () => document.getElementById("library-dialog");
const body = () => dialog().querySelector(".dialog-body");
let role = "";
let asked = 0;

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
  const mine = ++asked;
  show("Reading the library");
  const answer = await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null);
  // Signed out, the answer has no words.
  const cards = answer?.ok ? await answer.text() : "";
  // Closed meanwhile, it may be open for another slot.
  if (mine !== asked) return;
  if (!cards) return show("The library can’t be reached at the moment. Nothing was changed.", url);
  body().innerHTML = cards;
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
  const into = role;
  button.disabled = true;
  try {
    const asset = await assetOf(button);
    const slot = document.getElementById(`slot-${into}`);
    const count = slot ? slot.querySelectorAll(`input[name="${into}"]`).length + 1 : 1;
    document.dispatchEvent(new CustomEvent("studio:input", { detail: { role: into, asset } }));
    if (!button.isConnected) return; // The dialog is open for another slot by now.
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
