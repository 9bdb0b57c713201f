// One player for all voices. No byte is fetched before Play is pressed; pressing it on another voice, Esc
// and the end stop the first. The list may be drawn anew meanwhile: what is heard is kept here, not in it.
const audio = new Audio();
const WORDS = { loading: "Stop", playing: "Pause", paused: "Play" };
let current = null;

const buttonOf = (voice) => document.getElementById(voice.id);

function start(button) {
  stop();
  current = { id: button.id, src: button.dataset.src, state: "loading", played: 0, length: 0, problem: "" };
  audio.src = current.src;
  play();
}

function play() {
  const mine = current;
  audio.play().catch((error) => {
    // What is wrong with the recording comes as an event of its own.
    if (current === mine && error.name === "NotAllowedError") fail(mine, "The browser doesn’t let this page play sound.");
  });
  draw();
}

function stop() {
  if (!current) return;
  const last = current;
  current = null;
  audio.pause();
  audio.removeAttribute("src");
  audio.load();
  clear(buttonOf(last));
}

function become(state) {
  if (!current || current.problem) return;
  current.state = state;
  draw();
}

function fail(voice, words) {
  if (current !== voice) return;
  voice.problem = words;
  voice.state = "failed";
  draw();
}

// A player is not told why: the studio says it in words to whoever asks for the first byte.
async function explain() {
  const mine = current;
  if (!mine || mine.problem || !audio.hasAttribute("src")) return;
  fail(mine, await reason(mine.src));
}

async function reason(src) {
  const answer = await fetch(src, { headers: { Range: "bytes=0-0" } }).catch(() => null);
  if (!answer) return "The studio can’t be reached. Is it still running?";
  if (answer.status === 502) return answer.text();
  if (answer.status === 404) return "This voice is no longer on offer.";
  if (answer.ok && !answer.redirected) return "This browser can’t play the recording.";
  return "The studio could not give the recording. Reload the page, then try again.";
}

function clear(button) {
  if (!button) return;
  delete button.dataset.state;
  button.style.removeProperty("--played");
  button.querySelector(".play-word").textContent = "Play";
  button.closest("tr").querySelector(".voice-problem")?.remove();
}

function draw() {
  const button = current && buttonOf(current);
  if (!button) return stop();
  const { state, played, length, problem } = current;
  if (problem) delete button.dataset.state;
  else button.dataset.state = state;
  button.style.setProperty("--played", `${Math.round(played * 100)}%`);
  button.querySelector(".play-word").textContent = WORDS[state] ?? "Play";
  if (length) button.closest("tr").querySelector(".voice-length").textContent = clock(length);
  if (problem) complain(button.closest("tr"), problem);
}

function complain(row, words) {
  const line = row.querySelector(".voice-problem") ?? document.createElement("span");
  if (line.textContent === words) return;
  line.className = "voice-problem error-text";
  line.setAttribute("role", "alert");
  line.textContent = words;
  row.querySelector(".voice-words").append(line);
}

function clock(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function press(button) {
  if (button.id !== current?.id || current.problem) return start(button);
  if (current.state === "playing") return audio.pause();
  if (current.state === "paused") return play();
  stop();
}

function progress() {
  if (!current || !Number.isFinite(audio.duration) || !audio.duration) return;
  Object.assign(current, { played: audio.currentTime / audio.duration, length: audio.duration });
  draw();
}

audio.addEventListener("playing", () => become("playing"));
audio.addEventListener("waiting", () => become("loading"));
audio.addEventListener("pause", () => audio.paused && !audio.ended && become("paused"));
audio.addEventListener("ended", stop);
audio.addEventListener("timeupdate", progress);
audio.addEventListener("error", explain);

document.addEventListener("click", (event) => {
  const button = event.target.closest("button.play");
  if (button) press(button);
});
document.addEventListener("keydown", (event) => event.key === "Escape" && stop());
document.addEventListener("htmx:afterSettle", () => current && draw());
addEventListener("pagehide", stop);
