// A request that failed is never silent: a line says what happened and offers to try again.
const notice = document.getElementById("notice");
const text = notice.querySelector(".notice-text");
const retry = notice.querySelector("[data-notice=retry]");
let failed = null;

const isPoll = (element) => element.matches(".poll, #state");

function explain(detail) {
  if (!detail.xhr || detail.xhr.status === 0) {
    return isPoll(detail.elt)
      ? "The studio can’t be reached. Your takes go on; this page catches up when it answers again."
      : "The studio can’t be reached. Nothing was lost; is it still running?";
  }
  if (detail.xhr.status === 403) return "This page is out of date or you were signed out. Reload it, then try again.";
  if (detail.xhr.status === 404) return "That no longer exists. It may have been deleted meanwhile.";
  if (detail.xhr.status === 429) return "Too many requests at once. Wait a moment, then try again.";
  return `The studio had a problem (${detail.xhr.status}). Nothing was lost.`;
}

function show(detail) {
  failed = { element: detail.elt, event: detail.requestConfig?.triggeringEvent?.type ?? "retry" };
  retry.hidden = false;
  text.textContent = explain(detail);
  notice.hidden = false;
}

function close() {
  notice.hidden = true;
  failed = null;
}

function again() {
  const { element, event } = failed;
  close();
  if (element.isConnected) htmx.trigger(element, event);
  else location.reload();
}

for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => show(event.detail));
}
document.addEventListener("htmx:afterOnLoad", (event) => {
  // Only an answer to the same question proves that the trouble is over.
  const sameKind = failed && (failed.element === event.detail.elt || isPoll(failed.element) === isPoll(event.detail.elt));
  if (sameKind && event.detail.successful) close();
});
retry.addEventListener("click", again);
notice.querySelector("[data-notice=close]").addEventListener("click", close);

// Nobody looks at a hidden tab: its polls wait. The answer on return brings everything at once.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && isPoll(event.detail.elt)) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const poll of document.querySelectorAll(".poll, #state")) htmx.trigger(poll, "retry");
});
