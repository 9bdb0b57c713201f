// Hover preview: after a quarter of a second over (or on) a tile its clip plays, muted, over the
// poster; over the lower part of the picture the pointer scrubs through frames of the whole clip
// instead. On leaving, both are dropped together with their bytes. Not on touch, nor for people who
// save data or want less motion.
const PATIENCE_MS = 250;
// As many as renditions.py puts side by side.
const FRAMES = 12;
const STRIP = 0.6;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const hovers = matchMedia("(hover: hover) and (pointer: fine)");
let timer = 0;
let current = null;
let pointer = null;

const wanted = () => hovers.matches && !calm.matches && !navigator.connection?.saveData;

function mount(tile) {
  const picture = tile.querySelector(".take-media > img");
  const video = document.createElement("video");
  Object.assign(video, { className: "take-preview", muted: true, loop: true, playsInline: true, src: tile.dataset.preview });
  video.setAttribute("aria-hidden", "true");
  video.tabIndex = -1;
  // Without a preview there may still be frames to scrub through.
  video.addEventListener("error", () => video.remove(), { once: true });
  picture?.after(video);
  video.play().catch(() => {});
  if (tile.dataset.sprite && picture) mountSprite(tile, video);
}

async function mountSprite(tile, video) {
  const image = new Image();
  image.src = tile.dataset.sprite;
  if (!(await image.decode().then(() => true, () => false)) || tile !== current) return;
  const sprite = document.createElement("div");
  sprite.className = "take-sprite";
  sprite.setAttribute("aria-hidden", "true");
  const frame = document.createElement("div");
  const shape = image.naturalWidth / FRAMES / image.naturalHeight;
  Object.assign(frame.style, { backgroundImage: `url("${image.src}")`, backgroundSize: `${FRAMES * 100}% 100%`, aspectRatio: String(shape) });
  frame.style[shape > 16 / 9 ? "inlineSize" : "blockSize"] = "100%";
  sprite.append(frame, document.createElement("i"));
  (video.isConnected ? video : tile.querySelector(".take-media > img")).after(sprite);
  if (pointer) scrub(pointer);
}

function scrub({ clientX, clientY }) {
  const sprite = current?.querySelector(".take-sprite");
  if (!sprite) return;
  const box = sprite.getBoundingClientRect();
  const across = (clientX - box.left) / box.width;
  const down = (clientY - box.top) / box.height;
  const isOver = down >= STRIP && down <= 1 && across >= 0 && across <= 1;
  sprite.classList.toggle("is-over", isOver);
  const video = current.querySelector(".take-preview");
  if (!isOver) return video?.paused && video.play().catch(() => {});
  video?.pause();
  const place = Math.min(FRAMES - 1, Math.floor(across * FRAMES));
  sprite.firstChild.style.backgroundPositionX = `${(100 * place) / (FRAMES - 1)}%`;
  sprite.lastChild.style.inlineSize = `${100 * across}%`;
}

function leave() {
  clearTimeout(timer);
  const tile = current;
  current = pointer = null;
  tile?.querySelector(".take-sprite")?.remove();
  const video = tile?.querySelector(".take-preview");
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

function toggle(tile) {
  const video = tile.querySelector(".take-preview");
  if (!video) {
    enter(tile);
    return;
  }
  if (video.paused) video.play().catch(() => {});
  else video.pause();
}

const tileOf = (node) => node?.closest?.("[data-preview]") ?? null;

document.addEventListener("pointerover", (event) => event.pointerType === "mouse" && enter(tileOf(event.target)));
document.addEventListener("pointermove", (event) => {
  if (!current || event.pointerType !== "mouse") return;
  pointer = { clientX: event.clientX, clientY: event.clientY };
  scrub(pointer);
});
document.addEventListener("pointerleave", leave);
document.addEventListener("focusin", (event) => event.target.matches(":focus-visible") && enter(tileOf(event.target)));
document.addEventListener("focusout", (event) => tileOf(event.relatedTarget) !== current && leave());
document.addEventListener("visibilitychange", () => document.hidden && leave());
document.addEventListener("studio:key", (event) => {
  const { key, tile } = event.detail;
  if (!tile || ![" ", "k"].includes(key)) return;
  event.preventDefault();
  if (tileOf(tile)) toggle(tile);
});
