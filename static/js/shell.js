// What is around every page: the theme, and sheets that open over the page.

// Theme: auto, light or dark. A cookie, so that the server renders it and no page flashes.
const YEAR_S = 31_536_000;
const root = document.documentElement;
const buttons = [...document.querySelectorAll("[data-theme-choice]")];

function show(choice) {
  root.dataset.theme = choice;
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
}

function choose(button) {
  // On a narrow screen only the pressed button is visible: it steps to the next choice.
  const pressed = button.getAttribute("aria-pressed") === "true";
  const next = pressed ? buttons[(buttons.indexOf(button) + 1) % buttons.length] : button;
  const choice = next.dataset.themeChoice;
  document.cookie = `hedra_studio_theme=${choice};path=/;max-age=${YEAR_S};samesite=lax`;
  show(choice);
  if (pressed && button.offsetParent === null) next.focus();
}

for (const button of buttons) button.addEventListener("click", () => choose(button));
show(["light", "dark"].includes(root.dataset.theme) ? root.dataset.theme : "auto");

// What replaces a request goes before what waits for that one, too. Ending the first begins the one that
// waits, and hx-sync's own end is of that.
document.addEventListener("htmx:confirm", ({ target }) => {
  const [first, how] = (target.getAttribute("hx-sync") ?? "").split(":");
  if (how === "replace") htmx.trigger(first === "this" ? target : document.querySelector(first), "htmx:abort");
});

// Sheets: one at a time; Escape, a press elsewhere and what says so close them.
function closeSheets(except = null) {
  for (const sheet of document.querySelectorAll("details[data-sheet][open]")) {
    if (sheet === except) continue;
    const hadFocus = sheet.contains(document.activeElement);
    sheet.open = false;
    if (hadFocus) sheet.querySelector("summary").focus();
  }
}

document.addEventListener("keydown", (event) => event.key === "Escape" && closeSheets());
document.addEventListener("click", ({ target, ctrlKey, metaKey, shiftKey }) => {
  // A link opened beside the page leaves it as it is.
  const closes = target.closest('[data-closes=""]') && !ctrlKey && !metaKey && !shiftKey;
  if (target.isConnected) closeSheets(closes ? null : target.closest("details[data-sheet]"));
});
