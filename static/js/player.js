// What the browser's own player lacks: loop, speed and sound that are remembered, single frames, and keys as
// editors know them. Off while typing and where a key means something else.
const FRAME_S = 1 / 24; // until the clip's own frames have been seen
const FASTER = [1, 2, 4];
const memory = { loop: true, speed: 1, volume: 1, muted: false };
const frames = new WeakMap();
let shuttle = 0; // how fast the clip is wound by J and L: -4 … 4; 0 = it is not
let winding = 0;

const player = () => document.querySelector("#player");
const part = (name) => document.querySelector(`[data-player="${name}"]`);
// A sitting of reviews begins mute and keeps its sound to itself.
const isShown = () => "shows" in player().dataset;

try {
  Object.assign(memory, JSON.parse(localStorage.getItem("player") ?? "{}"));
} catch {
  // What can't be kept or read is as it comes.
}

function remember(changes) {
  Object.assign(memory, changes);
  try {
    localStorage.setItem("player", JSON.stringify(memory));
  } catch {
    // A full or forbidden store forgets.
  }
}

const clock = (seconds) => {
  const tenths = Math.floor(seconds * 10 + 1e-6);
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, "0")}.${tenths % 10}`;
};

function tell() {
  const time = part("time");
  if (!time || !player()) return;
  time.textContent = clock(player().currentTime) + (Math.abs(shuttle) > 1 || shuttle < 0 ? ` · ${shuttle} ×` : "");
  const at = part("at");
  if (at) at.value = Math.floor(player().currentTime * 1000);
}

function adopt(video) {
  stopWinding();
  video.loop = isShown() || memory.loop;
  video.playbackRate = memory.speed;
  if (!isShown()) Object.assign(video, { volume: memory.volume, muted: memory.muted });
  part("loop")?.setAttribute("aria-pressed", video.loop);
  if (part("speed")) part("speed").value = String(memory.speed);
  tell();
  if (video.requestVideoFrameCallback) watchFrames(video);
}

// The shortest time between two frames that were shown is the length of one.
function watchFrames(video) {
  let last = null;
  const look = (_, { mediaTime }) => {
    const gap = last === null ? 0 : mediaTime - last;
    if (gap > 1 / 130 && gap < (frames.get(video) ?? 1 / 7)) frames.set(video, gap);
    last = mediaTime;
    if (video.isConnected) video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
}

const end = () => player().duration || 0;

function step(by) {
  pause();
  const frame = frames.get(player()) ?? FRAME_S;
  // To the middle of the frame: its edges are rounded.
  const number = Math.floor(player().currentTime / frame + 1e-3) + by;
  player().currentTime = Math.max(0, Math.min(end(), (number + 0.5) * frame));
}

function stopWinding() {
  cancelAnimationFrame(winding);
  shuttle = 0;
  if (player()) player().playbackRate = memory.speed;
}

function pause() {
  stopWinding();
  player().pause();
  tell();
}

function play() {
  stopWinding();
  player().play().catch(() => {});
}

const toggle = () => (player().paused && !shuttle ? play() : pause());

// Browsers play nothing backwards: the clip is sought back as fast as its frames come.
function windBack() {
  let then = performance.now();
  const tick = (now) => {
    if (shuttle >= 0 || !player()) return;
    if (!player().seeking) {
      player().currentTime = Math.max(0, player().currentTime + (shuttle * (now - then)) / 1000);
      then = now;
    }
    if (player().currentTime <= 0) return pause();
    tell();
    winding = requestAnimationFrame(tick);
  };
  winding = requestAnimationFrame(tick);
}

function wind(direction) {
  const going = shuttle || (player().paused ? 0 : 1);
  const level = going * direction > 0 ? FASTER.indexOf(Math.abs(going)) + 1 : 0;
  const speed = direction * FASTER[Math.min(level, FASTER.length - 1)];
  cancelAnimationFrame(winding);
  shuttle = speed;
  if (speed > 0) {
    player().playbackRate = speed * memory.speed;
    player().play().catch(() => {});
  } else {
    player().pause();
    windBack();
  }
  tell();
}

function setLoop() {
  player().loop = !player().loop;
  part("loop")?.setAttribute("aria-pressed", player().loop);
  if (!isShown()) remember({ loop: player().loop });
}

function setSpeed(speed) {
  remember({ speed });
  stopWinding();
}

const acts = {
  back: () => step(-1),
  forth: () => step(1),
  loop: setLoop,
  full: () => player().requestFullscreen?.(),
  use: tell,
};

const keys = {
  " ": toggle,
  k: toggle,
  j: () => wind(-1),
  l: () => wind(1),
  ",": () => step(-1),
  ".": () => step(1),
  m: () => {
    player().muted = !player().muted;
  },
};

document.addEventListener("keydown", (event) => {
  if (!player() || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  // The player itself, buttons and links take the space bar.
  if (event.key === " " && event.target.closest("a, button, summary, video, audio")) return;
  const act = keys[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("click", (event) => {
  const name = event.target.closest?.("[data-player]")?.dataset.player;
  if (name && player()) acts[name]?.();
  const seek = event.target.closest?.("[data-seek]");
  if (!seek || !player() || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  stopWinding();
  player().currentTime = Number(seek.dataset.seek);
  player().scrollIntoView({ block: "nearest" });
});

document.addEventListener("change", (event) => {
  if (event.target === part("speed")) setSpeed(Number(event.target.value));
});

// A note that is begun while the clip stands somewhere is about that moment.
document.addEventListener("focusin", (event) => {
  const at = document.getElementById("note-at");
  if (event.target.id !== "note-text" || !at || at.value || !player()?.currentTime) return;
  at.value = clock(player().currentTime);
});

// Events of a player don't bubble; they are heard on their way down.
const hear = (name, act) => document.addEventListener(name, (event) => event.target === player() && act(event.target), true);
hear("loadedmetadata", adopt);
for (const name of ["timeupdate", "seeking", "seeked"]) hear(name, tell);
hear("volumechange", ({ volume, muted }) => isShown() || remember({ volume, muted }));
hear("pause", () => shuttle > 0 && stopWinding());

if (player()?.readyState > 0) adopt(player());
