// Sheets of the gallery: one at a time; Escape and a press elsewhere close them.
function closeSheets(except = null) {
  for (const sheet of document.querySelectorAll("details[data-sheet][open]")) {
    if (sheet === except) continue;
    const hadFocus = sheet.contains(document.activeElement);
    sheet.open = false;
    if (hadFocus) sheet.querySelector("summary").focus();
  }
}

document.addEventListener("keydown", (event) => event.key === "Escape" && closeSheets());
document.addEventListener("click", (event) => event.target.isConnected && closeSheets(event.target.closest?.("details[data-sheet]")));
