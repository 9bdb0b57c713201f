// Keys for watching, as editors know them. Off while typing and where a key means something else.
const JUMP_S = 5;
const FRAME_S = 1 / 24;

const player = () => document.querySelector("#player");
const seek = (by) => {
  player().currentTime = Math.max(0, Math.min(player().duration || 0, player().currentTime + by));
};
const step = (by) => {
  player().pause();
  seek(by);
};
const toggle = () => (player().paused ? player().play().catch(() => {}) : player().pause());

const keys = {
  " ": toggle,
  k: toggle,
  j: () => seek(-JUMP_S),
  l: () => seek(JUMP_S),
  ",": () => step(-FRAME_S),
  ".": () => step(FRAME_S),
  f: () => document.querySelector(".take-favorite")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (!player() || event.ctrlKey || event.metaKey || event.altKey) return;
  // The player has keys of its own; buttons and links take the space bar.
  if (event.target.closest("input, textarea, select, video, audio, [contenteditable]")) return;
  if (event.key === " " && event.target.closest("a, button, summary")) return;
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
