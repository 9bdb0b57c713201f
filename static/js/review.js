// Judging by key: Y or Enter keeps, N or Backspace rejects, U or Ctrl+Z takes back, → skips and ← goes back to
// what was skipped. The keys of the player (J K L and the like) are its own. Each clip plays by itself, mute,
// unless less motion is wanted.
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const acts = { y: "keep", enter: "keep", n: "reject", backspace: "reject", u: "undo", arrowright: "skip", arrowleft: "back" };
let asking = false;

function begin() {
  const player = document.querySelector("video#player");
  if (player && !calm.matches) player.play().catch(() => {});
}

function actOf(event) {
  if (event.altKey || event.shiftKey) return "";
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) return key === "z" ? "undo" : "";
  // A button or link that has the focus is what Enter presses.
  if (key === "enter" && event.target.closest("a, button, summary")) return "";
  if (key.startsWith("arrow") && event.target.closest("video, audio")) return "";
  return acts[key] ?? "";
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (document.querySelector("dialog[open]")) return;
  const button = document.querySelector(`[data-review="${actOf(event) || "none"}"]`);
  if (!button) return;
  event.preventDefault();
  // A held key, or one pressed before the next take is there, was not meant for that one.
  if (!event.repeat && !asking) button.click();
});

// The heart answers for itself: it leaves the take where it is.
const concernsReview = (event) => event.detail.target?.id === "review";
document.addEventListener("htmx:beforeRequest", (event) => {
  if (concernsReview(event)) asking = true;
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (concernsReview(event)) asking = false;
});
document.addEventListener("htmx:load", (event) => {
  if (event.target.id === "review") begin();
});
begin();
