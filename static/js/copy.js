// A press copies what a field holds; offered where the browser allows it: over HTTPS, or on this machine.
const announcer = document.getElementById("announcer");

async function copy(button) {
  const field = document.getElementById(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(field.value);
    announcer.textContent = button.lastChild.textContent = "Copied";
  } catch {
    field.select(); // the browser has refused: then by hand
  }
}

for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", () => copy(button));
}
