// The keys of the studio, from the table that the sheet shows. A key is told first, as "studio:key" with the
// tile that has the focus; if nobody takes it, what says `data-key` in that tile, the open sheet or the page
// is pressed. Never while typing, nor together with Ctrl, Alt or Meta.
const sheet = document.getElementById("keys");
const table = new Set();
for (const key of sheet.querySelector("template").content.querySelectorAll("[data-keys]")) {
  for (const each of key.dataset.keys.split(" ")) table.add(each === "Space" ? " " : each);
}

const typing = "input:not(.take-pick), textarea, select, [contenteditable], video, audio";
// What presses these already, wherever the focus is on them.
const own = { " ": "button, summary, input, label", Enter: "a, button, summary" };

// Who dictates, or hits keys unmeant, switches off those that are one letter, digit or sign. A cookie, so that
// every page knows at once.
const YEAR_S = 31_536_000;
const root = document.documentElement;
const areOff = () => root.dataset.letters === "off";

function showLetters() {
  for (const box of document.querySelectorAll(".keys-letters input")) box.checked = !areOff();
}

function setLetters(on) {
  root.dataset.letters = on ? "on" : "off";
  document.cookie = `hedra_studio_letters=${root.dataset.letters};path=/;max-age=${YEAR_S};samesite=lax`;
  showLetters();
}

// On their way down: then the player, the review and whoever else has keys don't hear of them either.
function rest(event) {
  if (!areOff() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const isLetter = event.key.length === 1 && event.key !== " ";
  if (isLetter && !(event.target instanceof Element && event.target.closest(typing))) event.stopImmediatePropagation();
}

window.addEventListener("keydown", rest, true);
document.addEventListener("change", (event) => {
  if (event.target.matches(".keys-letters input")) setLetters(event.target.checked);
});

function openSheet() {
  if (!sheet.open && !sheet.querySelector(".keys-sheet")) sheet.append(sheet.querySelector("template").content.cloneNode(true));
  showLetters();
  sheet.showModal();
}

function press(element) {
  if (element.matches("input, textarea")) {
    element.focus();
    element.select();
  } else {
    element.click();
  }
}

// The open sheet has the keys for itself; of the page, what stands in tiles and in the bar is theirs.
function find(key, tile, over) {
  const wanted = `[data-key="${CSS.escape(key)}"]:not(:disabled)`;
  const isUsable = (element) => element.checkVisibility({ visibilityProperty: true });
  const inTile = [...(tile?.querySelectorAll(wanted) ?? [])];
  const inPage = [...(over ?? document).querySelectorAll(wanted)].filter((element) => over || !element.closest(".take, #bulk"));
  return [...inTile, ...inPage].find(isUsable) ?? null;
}

function act(key, target, over) {
  const tile = over ? null : target.closest(".take");
  const told = new CustomEvent("studio:key", { bubbles: true, cancelable: true, detail: { key, tile } });
  if (!over && !target.dispatchEvent(told)) return true;
  const address = tile?.dataset[`key${key.toUpperCase()}`];
  if (address) {
    location.assign(address);
    return true;
  }
  const element = find(key, tile, over);
  if (element) press(element);
  return Boolean(element);
}

// On the window: the player and whoever else has keys of its own is asked before.
window.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const target = event.target instanceof Element ? event.target : document.body;
  if (key === "?" && sheet.open) return sheet.close();
  // A take's sheet is a dialog with keys; behind any other they rest.
  const over = document.querySelector("dialog[open]");
  if (!table.has(key) || target.closest(typing) || (over && (sheet.open || !over.matches("#sheet, [data-key-scope]")))) return;
  if (own[key] && target.matches(own[key])) return;
  if (key === "?") openSheet();
  else if (!act(key, target, over)) return;
  event.preventDefault();
});

for (const link of document.querySelectorAll("[data-opens=keys]")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openSheet();
  });
}
sheet.addEventListener("click", (event) => {
  if (event.target === sheet || event.target.closest("[data-closes=keys]")) sheet.close();
});
