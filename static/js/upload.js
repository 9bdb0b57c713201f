// Inputs of a shot: drop, paste or choose files; each is sent at once, with progress, and can be cancelled or
// sent again alone. The server draws the slot with what it holds then. Other scripts put inputs in and take
// them out by the event "studio:input". Without this script files travel with the form.
const AT_ONCE = 3;
const jobs = new Set();
const slotOf = (node) => node?.closest?.(".slot") ?? null;
const slots = () => [...document.querySelectorAll(".slot")];
const slotNamed = (role) => document.getElementById(`slot-${role}`);
const formOf = () => document.getElementById("create-form");
const active = () => [...jobs].filter((job) => job.state !== "failed");

function say(text) {
  document.getElementById("announcer").textContent = text;
}

function sizeWords(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

// What can be told before anything is sent. The server looks again at all of it.

function refusal(slot, file) {
  const kind = slot.dataset.kind;
  const most = Number(slot.dataset.maxBytes);
  if (file.size > most) return `This file has ${sizeWords(file.size)}; up to ${sizeWords(most)} fit here.`;
  if (file.size === 0) return "This file is empty.";
  if (file.type && !file.type.startsWith(`${kind}/`)) return `This is not ${kind === "video" ? "a" : "an"} ${kind} file.`;
  return "";
}

async function sizeOf(file) {
  try {
    const picture = await createImageBitmap(file);
    const sides = [picture.width, picture.height];
    picture.close();
    return { sides };
  } catch {
    return {};
  }
}

function lengthOf(file, kind) {
  const player = document.createElement(kind);
  const url = URL.createObjectURL(file);
  return new Promise((resolve) => {
    const done = (found) => {
      URL.revokeObjectURL(url);
      resolve(found);
    };
    player.addEventListener("error", () => done({}));
    player.addEventListener("loadedmetadata", () => done({
      ms: Number.isFinite(player.duration) ? player.duration * 1000 : undefined,
      sides: player.videoWidth ? [player.videoWidth, player.videoHeight] : undefined,
    }));
    setTimeout(() => done({}), 4000);
    player.preload = "metadata";
    player.src = url;
  });
}

async function misfit(slot, file) {
  const { kind, minSide, maxSide, minMs, maxMs } = slot.dataset;
  if (!minSide && !maxSide && !minMs && !maxMs) return "";
  const { sides, ms } = kind === "image" ? await sizeOf(file) : await lengthOf(file, kind);
  if (sides && Math.min(...sides) < Number(minSide ?? 0)) return `Its short side has ${Math.min(...sides)} px; the model needs ${minSide} px.`;
  if (sides && Math.max(...sides) > Number(maxSide ?? Infinity)) return `Its long side has ${Math.max(...sides)} px; the model takes ${maxSide} px.`;
  if (ms > Number(maxMs ?? Infinity) + 100) return `It lasts ${(ms / 1000).toFixed(1)} s; the model takes up to ${maxMs / 1000} s.`;
  if (ms < Number(minMs ?? 0) - 100) return `It lasts ${(ms / 1000).toFixed(1)} s; the model needs at least ${minMs / 1000} s.`;
  return "";
}

// Slots: what they hold, and drawing them anew. One after another, so that no answer undoes another.

let turn = Promise.resolve();
const inTurn = (task) => (turn = turn.then(() => settled(task), () => settled(task)));

// The panel and the form come back with what they held when they were asked for: what is put in meanwhile waits
// for them, or is put in again after them.
const drawing = new Set();
let asked = 0;

async function settled(task) {
  let before;
  do {
    await Promise.all(drawing);
    before = asked;
    await task();
  } while (asked !== before);
}

document.addEventListener("htmx:beforeSend", ({ detail }) => {
  if (!["panel", "create-form"].includes(detail.target?.id)) return;
  const answered = new Promise((resolve) => detail.xhr.addEventListener("loadend", resolve));
  drawing.add(answered);
  answered.then(() => drawing.delete(answered));
  asked += 1;
});

function held(slot) {
  return [...slot.querySelectorAll(`input[name="${slot.dataset.role}"]`)].map((input) => input.value);
}

function formData(slot) {
  const data = new FormData(formOf());
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  data.set("role", slot.dataset.role);
  return data;
}

// A point was clicked on this very picture, for this very voice; a part was chosen of this very sound.
function forget(data, role, before, after) {
  const goesOn = before.every((pk, place) => after[place] === pk);
  if (role === "start_frame" || (role === "audio" && !goesOn)) data.delete("point");
  if (role === "audio") for (const name of ["audio_start_ms", "audio_ms"]) data.delete(name);
}

// False where the chosen model has no such slot any more.
async function draw(slot, pks) {
  const role = slot.dataset.role;
  const data = formData(slot);
  if (String(pks) !== String(held(slot))) forget(data, role, held(slot), pks);
  data.delete(role);
  for (const pk of pks) data.append(role, pk);
  const answer = await fetch(slot.dataset.slot, { method: "POST", body: data }).catch(() => null);
  if (answer?.status === 404) return false;
  if (answer?.ok) replace(slot, await answer.text());
  else showError(slot, "The studio didn’t answer. What you chose is kept in the library; try again.");
  return slot.isConnected || Boolean(slotNamed(role));
}

function replace(slot, html) {
  const parts = new DOMParser().parseFromString(html, "text/html");
  const fresh = parts.querySelector(".slot");
  const faces = parts.getElementById("faces");
  const hadFocus = slot.contains(document.activeElement);
  if (!fresh) return showError(slot, "The studio's answer could not be read. Try again.");
  slot.replaceWith(fresh);
  document.getElementById("faces")?.replaceWith(faces);
  attach();
  if (hadFocus) fresh.querySelector("input[type=file], [data-remove]")?.focus();
  fresh.dispatchEvent(new Event("change", { bubbles: true }));
}

// Files chosen together keep their order, whichever arrives first: voices and references are counted.
const places = new Map();
let lastPlace = 0;

function placed(pks, pk, place) {
  places.set(pk, place);
  const later = pks.findIndex((one) => places.get(one) > place);
  return later < 0 ? [...pks, pk] : [...pks.slice(0, later), pk, ...pks.slice(later)];
}

function add(role, pk, place = ++lastPlace) {
  return inTurn(async () => {
    const slot = slotNamed(role);
    const isMany = Number(slot?.dataset.maxCount) > 1;
    const isDrawn = slot && (await draw(slot, isMany ? placed(held(slot).filter((one) => one !== pk), pk, place) : [pk]));
    if (!isDrawn) return carry(role, pk);
    const fresh = slotNamed(role);
    say(`${fresh.querySelector("label").textContent}: ${fresh.querySelector(".slot-errors").textContent.trim() || "ready"}`);
  });
}

function exchange(role, old, pk) {
  return inTurn(() => {
    const slot = slotNamed(role);
    return slot && draw(slot, held(slot).map((one) => (one === old ? pk : one)));
  });
}

function remove(role, pk, words) {
  return inTurn(async () => {
    const slot = slotNamed(role);
    if (!slot) return;
    await draw(slot, held(slot).filter((one) => one !== pk));
    say(words.trim().replace(/^Remove/, "Removed"));
  });
}

// The model was changed meanwhile: the input travels on for one that takes it.
function carry(role, pk) {
  const panel = document.getElementById("panel");
  if (!panel || panel.querySelector(`input[name="${role}"][value="${pk}"]`)) return;
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: role, value: pk });
  panel.append(field);
}

function showError(slot, text) {
  const line = document.createElement("p");
  line.className = "error-text";
  line.setAttribute("role", "alert");
  line.textContent = text;
  slot.classList.add("is-refused");
  slot.querySelector(".slot-errors").replaceChildren(line);
}

// Uploads: a row for each file, kept through every redrawing of its slot.

function rowOf(job) {
  const row = document.getElementById("upload-row").content.firstElementChild.cloneNode(true);
  row.querySelector(".upload-name").textContent = job.file.name || "Pasted file";
  row.querySelector("[data-cancel]").addEventListener("click", () => cancel(job));
  row.querySelector("[data-again]").addEventListener("click", () => again(job));
  row.querySelector("[data-cancel] .sr").textContent = `Cancel ${job.file.name}`;
  return row;
}

function attach() {
  for (const slot of slots()) {
    const mine = [...jobs].filter((job) => job.role === slot.dataset.role);
    const list = slot.querySelector(".slot-uploads");
    if (mine.length || list.childElementCount) list.replaceChildren(...mine.map((job) => job.row));
    list.hidden = !mine.length;
    slot.classList.toggle("is-uploading", mine.some((job) => job.state !== "failed"));
  }
}

function start(slot, file) {
  const job = { role: slot.dataset.role, file, place: ++lastPlace, state: "waiting" };
  job.row = rowOf(job);
  jobs.add(job);
  return job;
}

async function take(slot, files) {
  const single = Number(slot.dataset.maxCount) === 1;
  slot.classList.remove("is-refused");
  slot.querySelector(".slot-errors").replaceChildren();
  if (single) for (const job of [...jobs].filter((one) => one.role === slot.dataset.role)) drop(job);
  const room = single ? 1 : Number(slot.dataset.maxCount) - held(slot).length - active().filter((job) => job.role === slot.dataset.role).length;
  const begun = files.map((file) => start(slot, file));
  begun.slice(room).forEach((job) => fail(job, `Up to ${slot.dataset.maxCount} ${single ? "file fits" : "files fit"} here.`, false));
  attach();
  slot.querySelectorAll("input[type=file]").forEach((input) => { input.value = ""; });
  for (const job of begun.slice(0, room)) await check(job, slot);
}

async function check(job, slot) {
  const problem = refusal(slot, job.file) || (await misfit(slot, job.file));
  if (!jobs.has(job)) return;
  if (problem) return fail(job, problem, false);
  job.state = "ready";
  next();
}

function next() {
  const sending = [...jobs].filter((job) => job.state === "sending").length;
  [...jobs].filter((job) => job.state === "ready").slice(0, Math.max(0, AT_ONCE - sending)).forEach(send);
}

function send(job) {
  const slot = slotNamed(job.role);
  if (!slot) return drop(job);
  const data = formData(slot);
  data.append("file", job.file, job.file.name);
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (event) => report(job, event));
  request.addEventListener("load", () => finish(job));
  request.addEventListener("error", () => finish(job));
  request.open("POST", slot.dataset.upload);
  request.setRequestHeader("X-CSRFToken", formOf().elements.csrfmiddlewaretoken.value);
  Object.assign(job, { request, state: "sending" });
  attach();
  request.send(data);
}

function report(job, event) {
  const percent = event.lengthComputable ? Math.floor((100 * event.loaded) / event.total) : 0;
  job.row.querySelector("progress").value = percent;
  // All bytes are out: what remains is the server looking at them.
  job.row.querySelector(".upload-state").textContent = percent < 100 ? `${percent} %` : "Checking";
}

function finish(job) {
  const { request, role, place } = job;
  const pk = request.getResponseHeader("X-Asset");
  if (request.status === 200 && pk) {
    add(role, pk, place).finally(() => drop(job));
    job.state = "arrived";
  } else if (request.status === 422) fail(job, problemIn(request.responseText), false);
  else if (request.status === 0) fail(job, "The studio can’t be reached. Nothing was kept.");
  // A small body gets as far as the sign-in page.
  else if ([200, 403].includes(request.status)) fail(job, "You were signed out. Reload, then sign in.", false);
  else if (request.status === 413) fail(job, "This file is too large for the studio's server.", false);
  else fail(job, `The upload failed (${request.status}). Nothing was kept.`);
  next();
}

function problemIn(html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  return answer.querySelector(".slot-errors")?.textContent.trim() || "The studio refused this file.";
}

function fail(job, text, mayHelp = true) {
  job.state = "failed";
  job.row.classList.add("is-failed");
  job.row.querySelector(".upload-problem").textContent = text;
  job.row.querySelector("[data-again]").hidden = !mayHelp;
  job.row.querySelector("[data-cancel] .sr").textContent = `Dismiss ${job.file.name}`;
  attach();
}

function again(job) {
  Object.assign(job, { state: "ready", row: rowOf(job) });
  attach();
  job.row.querySelector("[data-cancel]").focus();
  next();
}

function cancel(job) {
  const wasSending = job.state !== "failed";
  drop(job);
  slotNamed(job.role)?.querySelector("input[type=file]")?.focus();
  if (wasSending) say("Upload cancelled");
}

function drop(job) {
  jobs.delete(job);
  if (job.state === "sending") job.request.abort();
  attach();
  next();
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

// A file that lands beside the slots goes into the first one of its kind that has room.
function slotFor(file) {
  const fitting = slots().filter((slot) => file.type.startsWith(`${slot.dataset.kind}/`));
  const hasRoom = (slot) => held(slot).length + active().filter((job) => job.role === slot.dataset.role).length < Number(slot.dataset.maxCount);
  return fitting.find(hasRoom) ?? fitting[0];
}

function spread(files, slot) {
  if (slot) return take(slot, files);
  for (const file of files) {
    const fitting = slotFor(file);
    if (fitting) take(fitting, [file]);
    else refuse(file);
  }
}

function mark(event) {
  const over = slotOf(event.target);
  for (const slot of slots()) slot.classList.toggle("is-over", slot === over);
}

document.addEventListener("change", (event) => {
  if (event.target.matches?.(".slot input[type=file]") && event.target.files.length) {
    take(slotOf(event.target), [...event.target.files]);
  }
  // The shape of the shot decides whether a picture should be cropped.
  if (event.target.name === "aspect_ratio") {
    for (const slot of slots().filter((one) => one.dataset.kind === "image" && held(one).length === 1)) {
      inTurn(() => slot.isConnected && draw(slot, held(slot)));
    }
  }
});
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-remove]");
  if (button) remove(slotOf(button).dataset.role, button.dataset.remove, button.textContent);
});
document.addEventListener("studio:input", ({ detail }) => {
  if (detail.instead) exchange(detail.role, detail.instead, detail.asset);
  else add(detail.role, detail.asset);
});
document.addEventListener("dragover", (event) => {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  mark(event);
});
document.addEventListener("dragleave", (event) => !event.relatedTarget && mark(event));
document.addEventListener("drop", (event) => {
  const files = [...(event.dataTransfer?.files ?? [])];
  for (const slot of slots()) slot.classList.remove("is-over");
  if (!files.length) return;
  event.preventDefault();
  spread(files, slotOf(event.target));
});
document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  if (!files.length) return;
  // Copied text often brings a picture of itself along; then the text is what was meant.
  const isText = event.clipboardData.types.includes("text/plain");
  if (isText && event.target.matches?.("input, textarea")) return;
  if (slotFor(files[0])) {
    event.preventDefault();
    spread(files);
  } else if (!isText) {
    refuse(files[0]);
  }
});
document.addEventListener("htmx:afterSettle", attach);
// Ordering without the input that is still on its way would order something else.
document.addEventListener(
  "submit",
  (event) => {
    const waiting = active().map((job) => slotNamed(job.role)).find(Boolean);
    if (!waiting || event.target.id !== "create-form") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    showError(waiting, "Wait until this has arrived, then press Generate again.");
  },
  true,
);
