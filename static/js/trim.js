// The part of a sound that an avatar speaks: two ends on its wave. The fields below hold what is sent.
const LEAST_MS = 100;
const WIDTH = 200;
const words = (ms) => `${(ms / 1000).toFixed(1)} s`;

function show(trim, start, end) {
  const whole = Number(trim.dataset.length);
  const isWhole = start === 0 && end >= whole;
  const [first, last] = [trim.querySelector(".trim-start"), trim.querySelector(".trim-end")];
  first.value = start;
  last.value = end;
  first.setAttribute("aria-valuetext", words(start));
  last.setAttribute("aria-valuetext", words(end));
  trim.querySelector(".trim-before").setAttribute("width", (WIDTH * start) / whole);
  trim.querySelector(".trim-after").setAttribute("x", (WIDTH * end) / whole);
  trim.querySelector(".trim-after").setAttribute("width", (WIDTH * (whole - end)) / whole);
  trim.querySelector("[name=audio_start_ms]").value = start || "";
  trim.querySelector("[name=audio_ms]").value = end >= whole ? "" : end - start;
  trim.querySelector(".trim-part").textContent = isWhole
    ? `All ${words(whole)}`
    : `${words(end - start)} · from ${words(start)} to ${words(end)}`;
  trim.querySelector("[data-trim-all]").hidden = isWhole;
}

document.addEventListener("input", ({ target }) => {
  const trim = target.closest?.(".trim");
  if (!trim || target.type !== "range") return;
  const whole = Number(trim.dataset.length);
  let start = Number(trim.querySelector(".trim-start").value);
  // The last step of a range may fall short of an uneven end.
  let end = Number(trim.querySelector(".trim-end").value);
  if (whole - end < LEAST_MS) end = whole;
  if (target.matches(".trim-start")) start = Math.min(start, end - LEAST_MS);
  else end = Math.max(end, start + LEAST_MS);
  show(trim, Math.max(0, start), Math.min(whole, end));
});
document.addEventListener("click", ({ target }) => {
  if (!target.closest?.("[data-trim-all]")) return;
  const trim = target.closest(".trim");
  show(trim, 0, Number(trim.dataset.length));
  trim.querySelector(".trim-start").focus();
  trim.dispatchEvent(new Event("change", { bubbles: true }));
});
