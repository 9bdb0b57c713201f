// Hover preview: after a quarter of a second over (or on) a tile its clip plays, muted, over the
// poster; on leaving it is dropped together with its bytes. Not on touch, nor for people who save
// data or want less motion.
const PATIENCE_MS = 250;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const hovers = matchMedia("(hover: hover) and (pointer: fine)");
let timer = 0;
let current = null;

const wanted = () => hovers.matches && !calm.matches && !navigator.connection?.saveData;

function mount(tile) {
  const video = document.createElement("video");
  Object.assign(video, { className: "take-preview", muted: true, loop: true, playsInline: true, src: tile.dataset.preview });
  video.setAttribute("aria-hidden", "true");
  video.tabIndex = -1;
  video.addEventListener("error", leave, { once: true });
  tile.querySelector(".take-media > img")?.after(video);
  video.play().catch(() => {});
}

function leave() {
  clearTimeout(timer);
  const video = current?.querySelector(".take-preview");
  current = null;
  if (!video) return;
  video.pause();
  video.removeAttribute("src");
  video.load();
  video.remove();
}

function enter(tile) {
  if (tile === current) return;
  leave();
  if (!tile || !wanted()) return;
  current = tile;
  timer = setTimeout(mount, PATIENCE_MS, tile);
}

const tileOf = (node) => node?.closest?.("[data-preview]") ?? null;

document.addEventListener("pointerover", (event) => event.pointerType === "mouse" && enter(tileOf(event.target)));
document.addEventListener("pointerleave", leave);
document.addEventListener("focusin", (event) => event.target.matches(":focus-visible") && enter(tileOf(event.target)));
document.addEventListener("focusout", (event) => tileOf(event.relatedTarget) !== current && leave());
document.addEventListener("visibilitychange", () => document.hidden && leave());
