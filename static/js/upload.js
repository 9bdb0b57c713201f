// Inputs of a shot: drop, paste or choose a file; it is sent at once, with progress, and the server
// answers with the slot as it is then. Without this script the file travels with the form.
const uploads = new Map();
const slotOf = (node) => node?.closest?.(".slot") ?? null;
const slots = () => [...document.querySelectorAll(".slot")];

function say(text) {
  document.getElementById("announcer").textContent = text;
}

function sizeWords(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function refusal(slot, file) {
  const most = Number(slot.dataset.maxBytes);
  if (file.size > most) return `This file has ${sizeWords(file.size)}; up to ${sizeWords(most)} fit here.`;
  if (file.size === 0) return "This file is empty.";
  if (file.type && !file.type.startsWith(`${slot.dataset.kind}/`)) return `This is not an ${slot.dataset.kind} file.`;
  return "";
}

function showError(slot, text) {
  const line = document.createElement("p");
  line.className = "error-text";
  line.setAttribute("role", "alert");
  line.textContent = text;
  slot.classList.add("is-refused");
  slot.querySelector(".slot-errors").replaceChildren(line);
}

function showProgress(slot, file) {
  slot.classList.add("is-uploading");
  slot.classList.remove("is-refused");
  slot.querySelector(".slot-errors").replaceChildren();
  slot.querySelector(".slot-progress").hidden = false;
  if (slot.dataset.kind !== "image") return;
  const picture = slot.querySelector(".slot-picture");
  picture.src = URL.createObjectURL(file);
  picture.hidden = false;
}

function clearProgress(slot) {
  const picture = slot.querySelector(".slot-picture");
  if (picture.src.startsWith("blob:")) {
    URL.revokeObjectURL(picture.src);
    picture.removeAttribute("src");
    picture.hidden = true;
  }
  slot.classList.remove("is-uploading");
  slot.querySelector(".slot-progress").hidden = true;
  slot.querySelector("input[type=file]").value = "";
}

function report(slot, event) {
  const percent = event.lengthComputable ? Math.floor((100 * event.loaded) / event.total) : 0;
  slot.querySelector(".slot-progress progress").value = percent;
  // All bytes are out: what remains is the server looking at them.
  slot.querySelector(".slot-progress .num").textContent = percent < 100 ? `${percent} %` : "Checking";
}

function replace(slot, html) {
  clearProgress(slot);
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector(".slot");
  if (!fresh) return showError(slot, "The studio's answer could not be read. Try the file again.");
  slot.replaceWith(fresh);
  htmx.process(fresh);
  fresh.dispatchEvent(new Event("change", { bubbles: true }));
  say(`${fresh.querySelector("label").textContent}: ${fresh.querySelector(".slot-errors").textContent.trim() || "ready"}`);
}

function finish(slot, request) {
  uploads.delete(slot.dataset.role);
  if (!slot.isConnected) return;
  if (request.status === 200 || request.status === 422) return replace(slot, request.responseText);
  clearProgress(slot);
  if (request.status === 0) showError(slot, "The studio can’t be reached. Drop the file again when it answers.");
  else if (request.status === 413) showError(slot, "This file is too large for the studio's server.");
  else showError(slot, `The upload failed (${request.status}). Try the file again.`);
}

function send(slot, file) {
  uploads.get(slot.dataset.role)?.abort();
  const problem = refusal(slot, file);
  if (problem) {
    clearProgress(slot);
    return showError(slot, problem);
  }
  const form = slot.closest("form");
  const data = new FormData();
  data.append("role", slot.dataset.role);
  data.append("model", form.elements.model.value);
  data.append("file", file, file.name);
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (event) => report(slot, event));
  request.addEventListener("load", () => finish(slot, request));
  request.addEventListener("error", () => finish(slot, request));
  request.addEventListener("abort", () => clearProgress(slot));
  request.open("POST", slot.dataset.upload);
  request.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
  uploads.set(slot.dataset.role, request);
  showProgress(slot, file);
  request.send(data);
}

function cancel(slot) {
  const request = uploads.get(slot.dataset.role);
  uploads.delete(slot.dataset.role);
  request?.abort();
  say("Upload cancelled");
}

// A file that no slot takes: silence would look like a broken page.
function refuse(file) {
  const kind = file.type.split("/")[0];
  const known = { image: "an image", audio: "audio", video: "a video" }[kind];
  const words = known
    ? `This model takes no ${kind}. Choose one that starts from ${known}.`
    : "This is no picture, sound or video.";
  document.dispatchEvent(new CustomEvent("studio:hint", { detail: words }));
}

// A file that lands beside the slots goes into the first empty one of its kind.
function slotFor(file) {
  const fitting = slots().filter((slot) => file.type.startsWith(`${slot.dataset.kind}/`));
  return fitting.find((slot) => !slot.matches(".is-filled, .is-uploading")) ?? fitting[0];
}

function mark(event) {
  const over = slotOf(event.target);
  for (const slot of slots()) slot.classList.toggle("is-over", slot === over);
}

function drop(event) {
  const [file] = event.dataTransfer?.files ?? [];
  for (const slot of slots()) slot.classList.remove("is-over");
  if (!file) return;
  event.preventDefault();
  const slot = slotOf(event.target) ?? slotFor(file);
  if (slot) send(slot, file);
  else refuse(file);
}

document.addEventListener("change", (event) => {
  const [file] = event.target.matches?.(".slot input[type=file]") ? event.target.files : [];
  if (file) send(slotOf(event.target), file);
});
document.addEventListener("click", (event) => event.target.closest?.("[data-cancel]") && cancel(slotOf(event.target)));
document.addEventListener("dragover", (event) => {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  mark(event);
});
document.addEventListener("dragleave", (event) => !event.relatedTarget && mark(event));
document.addEventListener("drop", drop);
document.addEventListener("paste", (event) => {
  const [file] = event.clipboardData?.files ?? [];
  if (!file) return;
  const slot = slotFor(file);
  if (slot) {
    event.preventDefault();
    send(slot, file);
  } else if (!event.clipboardData.types.includes("text/plain")) {
    // Copied text often brings a picture of itself along; then the text is what was meant.
    refuse(file);
  }
});
// The status would go on saying that the input is ready.
document.addEventListener("htmx:afterOnLoad", ({ detail }) => {
  const asked = detail.requestConfig.elt;
  if (detail.successful && asked.matches(".slot-remove")) say(asked.textContent.trim().replace(/^Remove the/, "Removed the"));
});
// Ordering without the input that is still on its way would order something else.
document.addEventListener(
  "submit",
  (event) => {
    if (!uploads.size || event.target.id !== "create-form") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const slot = document.querySelector(".slot.is-uploading");
    if (slot) showError(slot, "Wait until this has arrived, then press Generate again.");
  },
  true,
);
