// Nothing typed is lost: what is changed in the form is stored after a second of rest and when the page is
// left; what can't be sent waits in this browser. Alt + ↑ and ↓ walk through the prompts of earlier shots.
const REST_MS = 1000;
const AGAIN_MS = 5000;
const MINUTE_MS = 60_000;
const form = () => document.getElementById("create-form");
const prompt = () => document.getElementById("id_prompt");
// The page waits for the first catalog without them.
let note = null;
let state = null;

// One browser may serve several people, one after the other.
const store = () => `studio-draft-${note.dataset.owner}`;

// Changes are told by the server's clock, so that those of two machines can be told apart by time. A page that
// the browser kept brings the time of its first coming along: refusals tell by how much it is late.
const LATE_MS = 1000;
let ahead = 0;
const stamp = (at) => (at ? String(at + ahead) : "untouched");

function isLate(answer) {
  const told = Number(answer?.headers.get("Draft-Now")) - Date.now();
  if (!(told > ahead + LATE_MS)) return false;
  ahead = told;
  return true;
}

// Times of the last change made here and of the last one that is stored.
let changed = 0;
let kept = 0;
let last = "";
let timer = 0;
let sending = null;

const isWaiting = () => changed > kept;

function values(at) {
  const data = new FormData(form());
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  data.set("draft_changed", stamp(at));
  return data;
}

// Of the shot alone: two pages of the same shot agree. A field that is left says "change" again for what was
// typed before.
function print(pairs = [...new FormData(form())]) {
  const own = ["csrfmiddlewaretoken", "seen_price", "shot", "draft_page", "draft_changed"];
  return JSON.stringify(pairs.filter(([name, value]) => !own.includes(name) && !(value instanceof File)));
}

// What waits in this browser

function park() {
  const pairs = [...values(changed)].filter(([name]) => name !== "csrfmiddlewaretoken");
  try {
    localStorage.setItem(store(), JSON.stringify({ at: changed, pairs }));
  } catch {
    // Storage may be full or forbidden; then the page itself is all there is.
  }
}

function parked() {
  try {
    const found = JSON.parse(localStorage.getItem(store()));
    return Array.isArray(found?.pairs) && Number.isFinite(found.at) ? found : null;
  } catch {
    return null;
  }
}

function unpark(at) {
  try {
    if ((parked()?.at ?? 0) <= at) localStorage.removeItem(store());
  } catch {
    // As above.
  }
}

// What the line beside the title says

function tell(words) {
  document.getElementById("announcer").textContent = words;
}

function say(words, isProblem = false) {
  note.classList.toggle("is-waiting", isProblem);
  if (state.textContent === words) return;
  state.textContent = words;
  if (isProblem) tell(words);
}

function sayKept() {
  const time = document.createElement("time");
  time.dateTime = new Date().toISOString();
  time.textContent = "just now";
  say("");
  state.replaceChildren("Draft kept · ", time);
}

function grow() {
  const time = state?.querySelector("time");
  const minutes = time ? Math.floor((Date.now() - Date.parse(time.dateTime)) / MINUTE_MS) : 0;
  if (minutes > 0 && minutes < 60) time.textContent = `${minutes} minute${minutes === 1 ? "" : "s"} ago`;
}

function offerOther() {
  const line = note.querySelector(".draft-aside");
  line.hidden = false;
  line.querySelector("a")?.remove();
  line.querySelector("button").hidden = false;
}

// Sending

async function send(at, data) {
  data.set("draft_changed", stamp(at));
  // Signed out, the answer would be the sign-in page: no redirect is followed.
  const headers = { "X-CSRFToken": form().elements.csrfmiddlewaretoken.value };
  const request = { method: "POST", body: data, headers, redirect: "manual" };
  const answer = await fetch(note.dataset.draft, request).catch(() => null);
  return isLate(answer) && answer.status === 409 ? send(at, data) : answer;
}

// The next change here is newer again.
function sayOlder() {
  park();
  say("Newer words of another page are kept. These wait in this browser.", true);
}

function stored(at, words) {
  kept = Math.max(kept, at);
  unpark(at);
  sayKept();
  if (words.includes("aside")) offerOther();
}

async function save() {
  clearTimeout(timer);
  if (sending) await sending;
  if (!form() || !isWaiting() || sending) return;
  sending = put(changed);
  await sending;
  sending = null;
}

async function put(at) {
  const answer = await send(at, values(at));
  if (answer?.status === 204) stored(at, answer.headers.get("Draft-Kept") ?? "");
  else if (answer?.status === 409) sayOlder();
  else if (answer?.status === 422) say(await answer.text(), true);
  else return wait();
  if (changed > at) rest();
}

function wait() {
  park();
  say("Not saved yet. Your words wait in this browser.", true);
  timer = setTimeout(save, AGAIN_MS);
}

function rest() {
  clearTimeout(timer);
  timer = setTimeout(save, REST_MS);
}

function touch(isPress = false) {
  const present = print();
  if (present === last && !isPress) return;
  last = present;
  changed = Date.now();
  rest();
}

// Exchanging drafts, this one has to be stored first, and a press here is newer than what another page keeps.
async function exchange(event) {
  if (!isWaiting()) return;
  event.preventDefault();
  touch(true);
  await save();
  if (isWaiting()) return;
  note.querySelector(".draft-aside :is(a, button:not([hidden]))").click();
}

// Words that another visit could not send, or that left too late to be on this page: a page is asked for
// before the one that it follows is left.
async function sendParked() {
  const found = parked();
  if (!found || !form()) return;
  const data = new FormData();
  for (const [name, value] of found.pairs) data.append(name, value);
  const answer = await send(found.at, data);
  if (![204, 409, 422].includes(answer?.status)) return;
  unpark(found.at);
  if (answer.status === 409) say("The draft is newer than the words that waited in this browser.", true);
  const isNews = answer.status === 204 && print(found.pairs) !== print();
  if (isNews && "shown" in note.dataset && !changed) location.reload();
}

function leave() {
  if (!form() || !isWaiting()) return;
  // The beacon's fate is never known: whichever of the two is later changes nothing.
  park();
  navigator.sendBeacon(note.dataset.draft, values(changed));
}

// Earlier prompts

const earlier = { list: [], next: "", place: -1, typed: "", isFilling: false, isAll: false };

// One answer serves all presses that wait for it.
let reading = null;
const readOn = () => (reading ??= readEarlier().finally(() => { reading = null; }));

async function readEarlier() {
  const path = earlier.next || document.getElementById("prompts").getAttribute("hx-get");
  const answer = await fetch(path, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const link of page.querySelectorAll("[data-prompt] .prompt-words")) earlier.list.push(link.textContent);
  earlier.next = page.querySelector("[data-older]")?.getAttribute("href") ?? "";
  earlier.isAll = !earlier.next;
  return true;
}

function fill(text) {
  earlier.isFilling = true;
  prompt().value = text;
  prompt().dispatchEvent(new Event("input", { bubbles: true }));
  prompt().dispatchEvent(new Event("change", { bubbles: true }));
  earlier.isFilling = false;
}

async function walk(step) {
  if (earlier.place < 0) earlier.typed = prompt().value;
  const shown = prompt().value;
  const place = Math.max(-1, earlier.place + step);
  while (place >= earlier.list.length && !earlier.isAll) {
    if (!(await readOn())) return tell("Earlier prompts can’t be read at the moment.");
    // What was typed meanwhile is what is wanted.
    if (prompt()?.value !== shown) return;
  }
  if (place >= earlier.list.length || place === earlier.place) return;
  earlier.place = place;
  fill(place < 0 ? earlier.typed : earlier.list[place]);
  tell(place < 0 ? "What you typed" : `Earlier prompt ${place + 1}`);
}

function choose(link) {
  fill(link.querySelector(".prompt-words").textContent);
  earlier.place = -1;
  prompt().focus();
}

function listen() {
  for (const name of ["input", "change"]) {
    document.addEventListener(name, (event) => {
      if (!form()?.contains(event.target) || event.target.type === "file") return;
      if (event.target === prompt() && name === "input" && !earlier.isFilling) earlier.place = -1;
      touch();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.target !== prompt() || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    walk(event.key === "ArrowUp" ? 1 : -1);
  });
  note.querySelector(".draft-aside").addEventListener("click", exchange);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("details [data-prompt]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose(link);
  });
  // Requests of the form store it too: they say when it was changed last.
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (!form() || detail.verb !== "post" || !(form().contains(detail.elt) || detail.elt.matches("[hx-include='#create-form']"))) return;
    if (["click", "submit"].includes(detail.triggeringEvent?.type)) touch(true);
    detail.draftOf = changed;
    detail.parameters.draft_changed = stamp(changed);
  });
  document.addEventListener("htmx:afterOnLoad", ({ detail }) => {
    const words = detail.xhr.getResponseHeader("Draft-Kept");
    if (words && detail.requestConfig.draftOf) stored(detail.requestConfig.draftOf, words);
  });
  window.addEventListener("pagehide", leave);
  window.addEventListener("online", save);
  document.addEventListener("visibilitychange", () => document.hidden && save());
  setInterval(grow, MINUTE_MS / 2);
}

function start() {
  if (note || !form()) return;
  note = document.getElementById("draft-note");
  state = note.querySelector(".draft-state");
  ahead = Number(note.dataset.now) - Date.now();
  last = print();
  listen();
  sendParked();
}

start();
document.addEventListener("htmx:afterSettle", start);
