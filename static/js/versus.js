// Clips side by side: one clock for all. The longest clip is the clock; the others are nudged towards it by a
// little more or less speed, and sought only when they are far off.
const FAR_S = 0.2;
const NEAR_S = 1 / 200;
const FRAME_S = 1 / 24;
const MOST_NUDGE = 0.25;
const stage = document.getElementById("versus");
const part = (name) => stage?.querySelector(`[data-versus="${name}"]`);
const clips = stage ? [...stage.querySelectorAll("video, audio")] : [];
const length = (clip) => (Number.isFinite(clip.duration) ? clip.duration : 0);
const longest = () => clips.reduce((most, clip) => (length(clip) > length(most) ? clip : most), clips[0]);
let playing = false;
let looping = true;
let speed = 1;
let turning = 0;

const clock = (seconds) => {
  const tenths = Math.floor(seconds * 10 + 1e-6);
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, "0")}.${tenths % 10}`;
};
const others = () => clips.filter((clip) => clip !== longest());
const goal = (clip, moment) => Math.min(moment, length(clip));

function tell() {
  if (!clips.length) return;
  const [now, end] = [longest().currentTime, length(longest())];
  part("scrub").value = end ? (1000 * now) / end : 0;
  part("scrub").setAttribute("aria-valuetext", clock(now));
  part("time").textContent = clock(now);
  const play = part("play");
  play.setAttribute("aria-pressed", playing);
  play.querySelector("span").textContent = playing ? "Pause" : "Play";
  play.querySelector("use").setAttribute("href", play.querySelector("use").getAttribute("href").replace(/#.*/, playing ? "#pause" : "#play"));
}

function hold(clip) {
  const moment = longest().currentTime;
  // A shorter clip waits on its last picture.
  if (moment >= length(clip)) return clip.paused || clip.pause();
  if (clip.paused && !clip.seeking) clip.play().catch(() => {});
  const ahead = clip.currentTime - moment;
  if (Math.abs(ahead) > FAR_S) {
    if (!clip.seeking) clip.currentTime = goal(clip, moment);
    clip.playbackRate = speed;
  } else {
    const nudge = Math.abs(ahead) < NEAR_S ? 0 : Math.max(-MOST_NUDGE, Math.min(MOST_NUDGE, 4 * ahead));
    clip.playbackRate = speed * (1 - nudge);
  }
}

function turn() {
  if (!playing) return;
  others().forEach(hold);
  tell();
  turning = requestAnimationFrame(turn);
}

const arrived = (clip) => (!clip.error && (clip.seeking || clip.readyState < 3) ? new Promise((done) => {
  for (const name of ["canplay", "seeked", "error"]) clip.addEventListener(name, done, { once: true });
}) : null);

async function goTo(moment) {
  for (const clip of clips) clip.currentTime = goal(clip, Math.max(0, moment));
  await Promise.all(clips.map(arrived));
}

async function play() {
  if (playing) return;
  playing = true;
  tell();
  const from = longest().currentTime;
  await goTo(from >= length(longest()) - FRAME_S ? 0 : from);
  if (!playing) return;
  for (const clip of clips) {
    clip.playbackRate = speed;
    if (longest().currentTime < length(clip)) clip.play().catch(() => {});
  }
  cancelAnimationFrame(turning);
  turn();
}

function pause() {
  playing = false;
  cancelAnimationFrame(turning);
  clips.forEach((clip) => clip.pause());
  goTo(longest().currentTime);
  tell();
}

async function step(by) {
  pause();
  await goTo((Math.floor(longest().currentTime / FRAME_S + 1e-3) + by + 0.5) * FRAME_S);
  tell();
}

async function scrub() {
  const was = playing;
  if (was) pause();
  await goTo((part("scrub").value / 1000) * length(longest()));
  tell();
  if (was) play();
}

async function end() {
  if (!playing) return;
  pause();
  if (!looping) return;
  await goTo(0);
  play();
}

function hear(letter) {
  for (const clip of clips) clip.muted = clip.closest("[data-letter]").dataset.letter !== letter;
}

function wipe() {
  const on = stage.classList.toggle("is-wiped");
  part("wipe").setAttribute("aria-pressed", on);
  part("edge").closest("label").hidden = !on;
  edge();
}

const edge = () => stage.style.setProperty("--edge", `${part("edge").value}%`);

function zoom() {
  const pans = [...stage.querySelectorAll(".versus-pan")];
  const places = pans.map(placeOf);
  stage.style.setProperty("--zoom", part("zoom").value);
  pans.forEach((pan, n) => put(pan, places[n]));
}

// All pictures show the same place, as shares of what can be scrolled.
const share = (at, room) => (room > 0 ? at / room : 0.5);
const placeOf = (pan) => [share(pan.scrollLeft, pan.scrollWidth - pan.clientWidth), share(pan.scrollTop, pan.scrollHeight - pan.clientHeight)];
function put(pan, [x, y]) {
  pan.scrollLeft = x * (pan.scrollWidth - pan.clientWidth);
  pan.scrollTop = y * (pan.scrollHeight - pan.clientHeight);
}
function follow(event) {
  const moved = event.target;
  if (!moved.matches?.(".versus-pan:hover, .versus-pan:focus")) return;
  for (const pan of stage.querySelectorAll(".versus-pan")) if (pan !== moved) put(pan, placeOf(moved));
}

const acts = {
  play: () => (playing ? pause() : play()),
  back: () => step(-1),
  forth: () => step(1),
  loop: () => {
    looping = !looping;
    part("loop").setAttribute("aria-pressed", looping);
  },
  wipe,
};
const keys = { " ": acts.play, k: acts.play, ",": acts.back, ".": acts.forth };

function setUp() {
  // One set of controls moves all; each clip's own are for people without script.
  clips.forEach((clip) => {
    clip.controls = false;
    clip.loop = false;
    clip.addEventListener("ended", () => clip === longest() && end());
    clip.addEventListener("seeked", tell);
  });
  stage.addEventListener("click", (event) => acts[event.target.closest("[data-versus]")?.dataset.versus]?.());
  stage.addEventListener("input", (event) => {
    const name = event.target.dataset.versus;
    if (name === "scrub") scrub();
    if (name === "edge") edge();
    if (name === "zoom") zoom();
  });
  stage.addEventListener("change", (event) => {
    if (event.target.name === "hear") hear(event.target.value);
    if (event.target.dataset.versus === "speed") {
      speed = Number(event.target.value);
      clips.forEach((clip) => {
        clip.playbackRate = speed;
      });
    }
  });
  stage.addEventListener("scroll", follow, true);
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !clips.length) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === " " && event.target.closest("a, button, summary")) return;
    const act = keys[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
  tell();
}

if (stage) setUp();
