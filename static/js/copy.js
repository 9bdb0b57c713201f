// A press copies what a field holds; offered where the browser allows it: over HTTPS, or on this machine.
const SAID_MS = 2000;
const announcer = document.getElementById("announcer");

async function copy(button) {
  const field = document.getElementById(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(field.value);
    tell(button.querySelector("span"));
  } catch {
    field.focus(); // the browser has refused: then by hand
    field.select();
  }
}

function tell(label) {
  const words = label.dataset.words ??= label.textContent;
  label.textContent = announcer.textContent = "Copied";
  setTimeout(() => {
    label.textContent = words;
    announcer.textContent = "";
  }, SAID_MS);
}

for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", () => copy(button));
}
