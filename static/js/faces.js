// Whose face speaks: a click on the start frame, or a dot moved by arrow keys, for one voice after another.
// The fields hold shares of width and height; without this script they are typed.
const STEP = 0.01;
const region = () => document.querySelector("[data-faces]");
const dots = () => [...region().querySelectorAll(".face")];
const fields = () => [...region().querySelectorAll("[name=point]")];
let current = 0;

const read = (field) => field.value.split(",").map(Number);
const within = (share) => Math.min(1, Math.max(0, share));
const written = (share) => String(Number(within(share).toFixed(4)));

function draw() {
  if (!region()) return;
  fields().forEach((field, number) => {
    const dot = dots()[number];
    const placed = /^[01](\.\d+)?,[01](\.\d+)?$/.test(field.value);
    dot.hidden = !placed;
    region().querySelector(`[data-placed="${number}"]`).textContent = placed ? "placed" : "not placed";
    region().querySelector(`[data-unplace="${number}"]`).hidden = !placed;
    if (!placed) return;
    const [x, y] = read(field);
    dot.style.left = `${100 * x}%`;
    dot.style.top = `${100 * y}%`;
    dot.setAttribute("aria-label", `Face of speaker ${number + 1}, ${dot.dataset.name}: ${Math.round(100 * x)} % from the left, ${Math.round(100 * y)} % from the top. Arrow keys move it.`);
  });
}

function place(number, x, y) {
  fields()[number].value = `${written(x)},${written(y)}`;
  changed();
}

function clear(number) {
  fields()[number].value = "";
  current = number;
  changed();
  region().querySelector(`[data-place="${number}"]`).focus();
}

function changed() {
  draw();
  region().dispatchEvent(new Event("change", { bubbles: true }));
}

function click(event, stage) {
  const box = stage.getBoundingClientRect();
  const empty = fields().findIndex((field) => !field.value);
  const number = fields()[current] && !fields()[current].value ? current : empty >= 0 ? empty : Math.min(current, fields().length - 1);
  place(number, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  dots()[number].focus();
  const next = fields().findIndex((field) => !field.value);
  current = next >= 0 ? next : number;
}

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
function press(event, dot) {
  const number = Number(dot.dataset.face);
  if (event.key === "Delete" || event.key === "Backspace") return clear(number);
  const move = MOVES[event.key];
  if (!move) return;
  event.preventDefault();
  const [x, y] = read(fields()[number]);
  const step = STEP * (event.shiftKey ? 5 : 1);
  place(number, x + move[0] * step, y + move[1] * step);
}

document.addEventListener("click", (event) => {
  const at = (name) => event.target.closest?.(`[data-faces] ${name}`);
  if (at(".face")) current = Number(at(".face").dataset.face);
  else if (at(".faces-stage")) click(event, at(".faces-stage"));
  else if (at("[data-unplace]")) clear(Number(at("[data-unplace]").dataset.unplace));
  else if (at("[data-place]")) {
    current = Number(at("[data-place]").dataset.place);
    if (!fields()[current].value) place(current, 0.5, 0.4);
    dots()[current].focus();
  }
});
document.addEventListener("keydown", (event) => event.target.matches?.("[data-faces] .face") && press(event, event.target));
document.addEventListener("focusin", ({ target }) => {
  if (target.matches?.("[data-faces] .face")) current = Number(target.dataset.face);
});
document.addEventListener("change", draw);
document.addEventListener("htmx:afterSettle", draw);
draw();
