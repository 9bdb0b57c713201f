// Cropping a picture to the shape of the shot: a frame of that shape is moved by pointer or arrow keys, and
// the studio cuts. Without this script its button cuts around the middle.
const dialog = () => document.getElementById("crop-dialog");
const part = (name) => dialog().querySelector(`.crop-${name}`);
let order = null;

function shapeOf(ratio) {
  const [width, height] = ratio.split(":").map(Number);
  return width / height;
}

function open(button) {
  const { crop, src, width, height, ratio } = button.dataset;
  const wider = width / height > shapeOf(ratio);
  const share = wider ? (shapeOf(ratio) * height) / width : width / shapeOf(ratio) / height;
  order = { pk: crop, url: button.getAttribute("formaction"), ratio, wider, share, at: 0.5, role: button.closest(".slot").dataset.role };
  dialog().querySelector("h2").textContent = `Crop to ${ratio}`;
  part("picture").src = src;
  Object.assign(part("picture"), { width, height });
  part("problem").textContent = "";
  part("go").disabled = false;
  part("frame").setAttribute("aria-orientation", wider ? "horizontal" : "vertical");
  dialog().showModal();
  move(0.5);
  part("frame").focus();
}

function move(at) {
  order.at = Math.min(1, Math.max(0, at));
  const [start, length, otherStart, otherLength] = order.wider
    ? ["left", "width", "top", "height"]
    : ["top", "height", "left", "width"];
  const frame = part("frame");
  frame.style[length] = `${100 * order.share}%`;
  frame.style[start] = `${100 * order.at * (1 - order.share)}%`;
  frame.style[otherStart] = "0";
  frame.style[otherLength] = "100%";
  const percent = Math.round(100 * order.at);
  frame.setAttribute("aria-valuenow", percent);
  frame.setAttribute("aria-valuetext", `${percent} % from the ${order.wider ? "left" : "top"}`);
}

function point(event) {
  const box = part("stage").getBoundingClientRect();
  const share = order.wider ? (event.clientX - box.left) / box.width : (event.clientY - box.top) / box.height;
  move((share - order.share / 2) / Math.max(0.001, 1 - order.share));
}

const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
function press(event) {
  if (event.key === "Home") move(0);
  else if (event.key === "End") move(1);
  else if (event.key in STEPS) move(order.at + STEPS[event.key] * (event.shiftKey ? 0.1 : 0.02));
  else return;
  event.preventDefault();
}

async function cut() {
  const asked = order;
  part("go").disabled = true;
  const data = new FormData();
  data.set("ratio", asked.ratio);
  data.set("at", asked.at.toFixed(4));
  data.set("csrfmiddlewaretoken", document.getElementById("create-form").elements.csrfmiddlewaretoken.value);
  const answer = await fetch(asked.url, { method: "POST", body: data }).catch(() => null);
  const found = await answer?.json().catch(() => ({}));
  // Closed meanwhile, it may be open for another picture.
  if (order !== asked || !dialog().open) return;
  part("go").disabled = false;
  if (!found?.asset) {
    part("problem").textContent = found?.problem ?? "The studio didn’t answer. The picture is as it was; try again.";
    return;
  }
  const detail = { role: asked.role, instead: asked.pk, asset: String(found.asset) };
  dialog().close();
  document.dispatchEvent(new CustomEvent("studio:input", { detail }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-crop]");
  if (button && dialog()) {
    event.preventDefault();
    open(button);
  } else if (event.target.closest?.(".crop-go")) cut();
  else if (event.target.closest?.("#crop-dialog [data-close]")) dialog().close();
});
document.addEventListener("pointerdown", (event) => {
  if (!event.target.closest?.(".crop-stage")) return;
  event.preventDefault();
  part("frame").focus();
  part("stage").setPointerCapture(event.pointerId);
  point(event);
});
document.addEventListener("pointermove", (event) => {
  if (event.target.closest?.(".crop-stage")?.hasPointerCapture(event.pointerId)) point(event);
});
document.addEventListener("keydown", (event) => event.target.matches?.(".crop-frame") && press(event));
