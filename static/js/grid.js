// Tiles are selected by their checkboxes: Shift takes the range, the bar acts on all of them. Arrow keys
// walk over the grid. The set below is what is selected; checkboxes show it, and cards that are drawn anew
// are ticked again.
const bar = document.getElementById("bulk");
const grid = document.querySelector(".takes.is-pickable");
const picked = new Set();
let anchor = null;

const all = () => [...grid.querySelectorAll(".take-pick")];
const tileOf = (node) => node?.closest?.(".take") ?? null;
const everything = () => bar.elements.everything;
const isFilled = () => !bar.querySelector("noscript");
const isAll = () => isFilled() && everything().checked;

// Without script the bar stands there; with one it comes when it is needed.
function fill() {
  if (isFilled()) return;
  bar.innerHTML = bar.querySelector("noscript").textContent;
  htmx.process(bar);
  listen();
}

// What is selected

function tick(boxes = all()) {
  for (const box of boxes) {
    box.checked = isAll() || picked.has(box.value);
    tileOf(box).classList.toggle("is-picked", box.checked);
  }
}

function show() {
  const boxes = all();
  const here = new Set(boxes.map((box) => box.value));
  for (const pk of picked) if (!here.has(pk)) picked.delete(pk);
  tick(boxes);
  const some = isAll() || picked.size > 0;
  document.documentElement.toggleAttribute("data-picking", some);
  if (!isFilled()) return;
  bar.querySelector(".bulk-number").textContent = isAll() ? bar.querySelector(".bulk-match").dataset.count ?? "All" : String(picked.size);
  if (some) count();
  compare();
}

// Two to four can be held against each other.
function compare() {
  const link = bar.querySelector(".bulk-compare");
  if (!link) return;
  link.hidden = isAll() || picked.size < 2 || picked.size > 4;
  link.setAttribute("href", `${link.pathname}?${new URLSearchParams([...picked].map((pk) => ["take", pk]))}`);
}

// How many there are beyond this page is asked once, when somebody may want them all.
async function count() {
  const label = bar.querySelector("[data-count]");
  const words = label?.querySelector(".bulk-match");
  if (!words || "asked" in label.dataset) return;
  label.dataset.asked = "";
  const answer = await fetch(label.dataset.count).catch(() => null);
  if (!answer?.ok || answer.redirected) return delete label.dataset.asked;
  words.dataset.count = await answer.text();
  words.textContent = `${words.dataset.count} `;
  if (isAll()) show();
}

function pick(box, on, isRange) {
  fill();
  if (isAll() && !on) {
    // One less than all: what is on the page stays selected.
    everything().checked = false;
    for (const each of all()) picked.add(each.value);
  }
  const boxes = all();
  const from = isRange && anchor ? boxes.findIndex((each) => each.value === anchor) : -1;
  const to = boxes.indexOf(box);
  const range = from < 0 ? [box] : boxes.slice(Math.min(from, to), Math.max(from, to) + 1);
  for (const each of range) picked[on ? "add" : "delete"](each.value);
  anchor = box.value;
  show();
}

function pickAll() {
  fill();
  for (const box of all()) picked.add(box.value);
  show();
}

function inverse() {
  const boxes = isAll() ? [] : all().filter((box) => !picked.has(box.value));
  everything().checked = false;
  picked.clear();
  for (const box of boxes) picked.add(box.value);
  show();
}

function clear() {
  if (!isFilled()) return;
  everything().checked = false;
  picked.clear();
  anchor = null;
  bar.querySelector("#bulk-said").replaceChildren();
  show();
}

// Where the focus is

const links = () => [...grid.querySelectorAll(".take")].map((tile) => tile.querySelector(".take-link") ?? tile.querySelector("button")).filter(Boolean);
const columns = () => getComputedStyle(grid).gridTemplateColumns.split(" ").length;

const kept = () => parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop); // for what lies over the tiles

function walk(key, tile) {
  const places = links();
  const place = places.findIndex((link) => tile?.contains(link));
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(), ArrowDown: columns() };
  const next = place < 0 ? places.find((link) => link.getBoundingClientRect().top > kept()) : places[place + steps[key]];
  next?.focus({ focusVisible: true });
  next?.closest(".take").scrollIntoView({ block: "nearest" });
}

function toggle(tile) {
  const box = tile?.querySelector(".take-pick");
  if (box) pick(box, !box.checked, false);
  return Boolean(box);
}

// One tile, without a selection: the bar's button is pressed for it alone.
function actOn(tile, key) {
  fill();
  const button = bar.querySelector(`[data-key="${key}"]`);
  const box = tile?.querySelector(".take-pick");
  if (!button || !box || tile.matches(".is-deleted")) return false;
  // The answer draws the poll anew, from what it is told of it.
  const poll = Object.fromEntries([...document.querySelectorAll("#poll input")].map((input) => [input.name, input.value]));
  const values = { ...poll, take: box.value, do: button.value };
  htmx.ajax("POST", button.getAttribute("hx-post"), { source: grid, target: "#bulk-said", swap: "innerHTML", values });
  return true;
}

// What keys mean here; true when it was for us.
function act(key, tile) {
  const some = isAll() || picked.size > 0;
  if (key.startsWith("Arrow")) {
    // The page scrolls until the grid is entered.
    if (!tile && (key === "ArrowUp" || key === "ArrowDown")) return false;
    walk(key, tile);
    return true;
  }
  if (key === "x") return toggle(tile);
  if (key === "Escape") {
    clear();
    return true;
  }
  if (key === "Enter" && tile) return Boolean(tile.querySelector(".take-link")?.click() ?? true);
  if (some) {
    const button = bar.querySelector(`[data-key="${key}"]:not([hidden])`);
    button?.click();
    return Boolean(button) || key === "d";
  }
  if (key === "Delete") return true;
  return /^[0-5]$/.test(key) && actOn(tile, key);
}

function listen() {
  everything().addEventListener("change", () => {
    if (!isAll()) picked.clear();
    show();
  });
  bar.querySelector(".bulk-inverse").addEventListener("click", inverse);
  bar.querySelector(".bulk-close").addEventListener("click", clear);
  // Enter in the name of a collection means its button, not the form's first one.
  bar.elements.collection?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    bar.querySelector("[value=collect]").click();
  });
}

function start() {
  document.addEventListener("click", (event) => {
    const box = event.target.closest?.(".take-pick");
    if (box && grid.contains(box)) return pick(box, box.checked, event.shiftKey);
    // Once something is selected, Shift means the range anywhere on a tile, and no new window.
    const link = event.target.closest?.(".take-link");
    if (!link || !event.shiftKey || !picked.size || !grid.contains(link)) return;
    event.preventDefault();
    pick(tileOf(link).querySelector(".take-pick"), true, true);
  });
  document.addEventListener("studio:key", (event) => {
    if (act(event.detail.key, event.detail.tile)) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    const isChord = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "a";
    if (!isChord || event.target.closest("input:not(.take-pick), textarea, select, [contenteditable], dialog")) return;
    event.preventDefault();
    pickAll();
  });
  // At once: the next press may come before everything has settled.
  document.addEventListener("htmx:oobAfterSwap", () => tick());
  document.addEventListener("htmx:afterSettle", () => {
    if (!isFilled()) return;
    const done = bar.querySelector("#bulk-said [data-clears]");
    if (done) {
      done.removeAttribute("data-clears"); // once: what is ticked from now on stays
      everything().checked = false;
      delete bar.querySelector(".bulk-all").dataset.asked;
    }
    show();
  });
  for (const box of all()) if (box.checked) pick(box, true, false);
}

if (bar && grid) start();

// Back shows the page as the browser has kept it, without what was judged since: its cards are asked for as they
// are now, whatever version of them is on the screen.
function catchUp({ persisted }) {
  const [visit] = performance.getEntriesByType("navigation");
  if (!grid || !(persisted || visit.type === "back_forward")) return;
  const asked = [...document.querySelectorAll("#poll input")].map(({ name, value }) => [name, value]);
  const seen = all().map((box) => `${box.value}:`).join(",");
  if (seen) htmx.ajax("GET", grid.dataset.updates, { swap: "none", values: { ...Object.fromEntries(asked), seen } });
}

window.addEventListener("pageshow", catchUp);

// Sizes of the tiles: a cookie, so that the server draws them at once.
const YEAR_S = 31_536_000;
const sizes = document.querySelector(".tile-sizes");
sizes?.addEventListener("submit", (event) => {
  event.preventDefault();
  const size = event.submitter.value;
  document.cookie = `hedra_studio_tiles=${size};path=/;max-age=${YEAR_S};samesite=lax`;
  grid.dataset.tiles = size;
  for (const button of sizes.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.value === size));
});
