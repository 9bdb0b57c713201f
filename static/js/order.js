// The order of a collection: takes are dragged by their handles, or moved by the arrow keys on them. Each move
// is one request that says beside which take it goes; what the server refuses is put back.
const list = document.querySelector("[data-order]");
const token = document.querySelector("#act [name=csrfmiddlewaretoken]");
const announcer = document.getElementById("announcer");
const items = () => [...list.querySelectorAll(":scope > [data-take]")];
let sending = Promise.resolve();
let drag = null;

const say = (words) => (announcer.textContent = words);

async function send(item, goal) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", token.value);
  for (const [name, value] of Object.entries(goal)) body.set(name, value);
  const answer = await fetch(item.dataset.move, { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => null);
  // Signed out meanwhile, the answer is a page.
  if (answer?.status !== 204) throw new Error("refused");
}

// Only within the page may an arrow lead nowhere: at its ends the neighbour is on another page.
function mark() {
  const all = items();
  all.forEach((item, n) => {
    item.querySelector("[data-step='-1']").disabled = n === 0 && !list.dataset.earlier;
    item.querySelector("[data-step='1']").disabled = n === all.length - 1 && !list.dataset.later;
  });
}

function place(item, next) {
  const focused = item.contains(document.activeElement) ? document.activeElement : null;
  list.insertBefore(item, next);
  focused?.focus({ preventScroll: true });
  mark();
}

// After a move that the page shows already.
function settle(item, backTo) {
  const before = item.nextElementSibling;
  const goal = before ? { before: before.dataset.take } : { after: item.previousElementSibling.dataset.take };
  say(`Place ${items().indexOf(item) + 1} of ${items().length} on this page.`);
  sending = sending.then(() => send(item, goal)).catch(() => {
    place(item, backTo?.isConnected ? backTo : null);
    say("It could not be moved, and is back where it was. Reload the page, then try again.");
  });
}

function step(item, by) {
  const all = items();
  const to = all.indexOf(item) + by;
  const backTo = item.nextElementSibling;
  if (to < 0 && list.dataset.earlier) return over(item, { before: list.dataset.earlier });
  if (to >= all.length && list.dataset.later) return over(item, { after: list.dataset.later });
  const target = Math.max(0, Math.min(all.length - 1, to));
  if (all[target] === item) return;
  place(item, target > all.indexOf(item) ? all[target].nextElementSibling : all[target]);
  item.scrollIntoView({ block: "nearest" });
  settle(item, backTo);
}

// To another page: this one is drawn anew.
function over(item, goal) {
  sending = sending.then(() => send(item, goal)).then(() => location.reload(), () => say("It could not be moved."));
}

const columns = () => items().filter((item, _, all) => item.offsetTop === all[0].offsetTop).length;

function onKey(event) {
  const handle = event.target.closest?.("[data-handle]");
  if (drag && event.key === "Escape") return end(false);
  if (!handle || event.altKey || event.ctrlKey || event.metaKey) return;
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(), ArrowDown: columns() }[event.key];
  if (!by) return;
  event.preventDefault();
  step(handle.closest("[data-take]"), by);
}

function begin(event) {
  const handle = event.target.closest?.("[data-handle]");
  if (!handle || event.button) return;
  const item = handle.closest("[data-take]");
  drag = { item, handle, pointer: event.pointerId, backTo: item.nextElementSibling, moved: false };
  handle.setPointerCapture(event.pointerId);
  item.classList.add("is-moving");
}

// The one under the pointer makes room: behind it, if the pointer is past its middle.
function move(event) {
  if (!drag || event.pointerId !== drag.pointer) return;
  const edge = 60;
  if (event.clientY < edge) scrollBy(0, -12);
  if (event.clientY > innerHeight - edge) scrollBy(0, 12);
  const under = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-order] > [data-take]");
  if (!under || under === drag.item) return;
  const box = under.getBoundingClientRect();
  const next = event.clientX > box.left + box.width / 2 ? under.nextElementSibling : under;
  if (next === drag.item || next === drag.item.nextElementSibling) return;
  drag.moved = true;
  place(drag.item, next);
  drag.handle.setPointerCapture(drag.pointer); // moving it in the page has let go of it
}

function end(keep) {
  if (!drag) return;
  const { item, backTo, moved } = drag;
  drag = null;
  item.classList.remove("is-moving");
  if (!moved || item.nextElementSibling === backTo) return;
  if (keep) return settle(item, backTo);
  place(item, backTo);
  say("Put back.");
}

if (list) {
  list.addEventListener("pointerdown", begin);
  list.addEventListener("pointermove", move);
  list.addEventListener("pointerup", () => end(true));
  list.addEventListener("pointercancel", () => end(false));
  document.addEventListener("keydown", onKey);
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (!button) return;
    event.preventDefault();
    step(button.closest("[data-take]"), Number(button.dataset.step));
  });
}
