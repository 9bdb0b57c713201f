// A request that failed is never silent: a line says what happened and offers to try again. While the
// studio can't be reached the line asks for it, and goes (or says so) once it answers.
const ASK_EVERY_MS = 3000;
const UNREACHABLE = new Set([0, 502, 503, 504]);
const notice = document.getElementById("notice");
const text = notice.querySelector(".notice-text");
const retry = notice.querySelector("[data-notice=retry]");
let failed = null;
let asking = 0;

const isPoll = (element) => element.matches(".poll, #state");
const isOrder = (element) => element.id === "create-form";
const isUnreachable = (xhr) => UNREACHABLE.has(xhr?.status ?? 0);

function explain({ xhr, elt }) {
  if (isUnreachable(xhr)) {
    if (isOrder(elt)) return "The studio can’t be reached. Your shot was not ordered.";
    if (isPoll(elt)) return "The studio can’t be reached. Your takes go on; this page catches up when it answers again.";
    return "The studio can’t be reached. Nothing was lost; is it still running?";
  }
  if (xhr.status === 403) return "This page is out of date or you were signed out. Reload it, then try again.";
  if (xhr.status === 404) return "That no longer exists. It may have been deleted meanwhile.";
  if (xhr.status === 429) return "Too many requests at once. Wait a moment, then try again.";
  return `The studio had a problem (${xhr.status}). Nothing was lost.`;
}

// What people asked for outweighs what a page asks by itself: leaving the prompt to press Generate asks
// for the price too, and the polls go on failing after it.
// Price and panel are sent with the whole form, and change nothing all the same.
const onlyAsks = (verb, element) => verb === "get" || element.matches("#price, #id_model, .outcomes a");

function weight(verb, element) {
  if (!onlyAsks(verb, element)) return 2;
  return isPoll(element) ? 0 : 1;
}

// Elements that can be asked again say so; of the others the event is repeated where it happened.
function repeat({ element, event }) {
  if (/\bretry\b/.test(element.getAttribute("hx-trigger") ?? "")) return htmx.trigger(element, "retry");
  const source = event?.target instanceof Element && event.target.isConnected ? event.target : element;
  htmx.trigger(source, event?.type ?? "retry");
}

function open(words, { canRetry, isHint = false }) {
  // The same words again would be read out again.
  if (text.textContent !== words) text.textContent = words;
  retry.hidden = !canRetry;
  notice.classList.toggle("is-hint", isHint);
  notice.hidden = false;
}

function show(detail) {
  const { verb, triggeringEvent } = detail.requestConfig;
  const unreachable = isUnreachable(detail.xhr);
  if (unreachable) ask();
  const heavier = failed?.weight > weight(verb, detail.elt);
  if (heavier && !(unreachable && failed.unreachable)) return;
  if (!heavier) {
    failed = { element: detail.elt, event: triggeringEvent, weight: weight(verb, detail.elt), words: explain(detail), unreachable };
  }
  open(failed.words, { canRetry: true });
}

function close() {
  notice.hidden = true;
  failed = null;
  stopAsking();
}

function again() {
  if (!failed) return;
  const last = failed;
  close();
  if (last.element.isConnected) repeat(last);
  else location.reload();
}

function stopAsking() {
  clearTimeout(asking);
  asking = 0;
}

function ask() {
  if (asking || document.hidden) return;
  const mine = setTimeout(async () => {
    const answer = await fetch(notice.dataset.health, { cache: "no-store" }).catch(() => null);
    // Closed or hidden meanwhile: nobody waits for this any more.
    if (asking !== mine) return;
    asking = 0;
    if (answer?.ok) back();
    else ask();
  }, ASK_EVERY_MS);
  asking = mine;
}

// Reading again is free, so it happens by itself; what changes something waits for people.
function back() {
  const last = failed;
  if (!last?.unreachable) return;
  if (last.weight < 2) {
    close();
    if (last.element.isConnected && last.element.id !== "price") repeat(last);
  } else {
    stopAsking();
    const outcome = isOrder(last.element) ? " Your shot was not ordered." : "";
    open(`The studio is back.${outcome}`, { canRetry: true });
  }
  const price = document.getElementById("price");
  if (price) htmx.trigger(price, "retry");
}

for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => show(event.detail));
}
document.addEventListener("htmx:afterOnLoad", ({ detail }) => {
  if (!failed || !detail.successful) return;
  if (failed.element === detail.requestConfig.elt) close();
  else if (asking) back();
  // Only an answer to the same question proves that the trouble is over.
  else if (failed.weight === weight(detail.requestConfig.verb, detail.requestConfig.elt) && failed.weight < 2) close();
});
retry.addEventListener("click", again);
notice.querySelector("[data-notice=close]").addEventListener("click", close);
// Other scripts have something to say as well, in `detail`.
// Captured: the choice of a model keeps its change to itself.
document.addEventListener("change", () => failed || close(), true);
document.addEventListener("studio:hint", (event) => failed || open(event.detail, { canRetry: false, isHint: true }));

// Nobody looks at a hidden tab: its polls wait. The answer on return brings everything at once.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && isPoll(event.detail.elt)) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return stopAsking();
  if (failed?.unreachable) ask();
  for (const poll of document.querySelectorAll(".poll, #state")) htmx.trigger(poll, "retry");
});
