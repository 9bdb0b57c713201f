// Pressing a tile opens its take in a sheet over the gallery. The sheet has the take's own address: back closes
// it, a reload shows the take's page. On phones, and without this script, tiles are plain links to that page.
const sheet = document.getElementById("sheet");
const body = document.getElementById("sheet-body");
const wide = matchMedia("(width >= 700px)");
const lent = ["notice", "announcer"].map((id) => document.getElementById(id));
let dressed = null;
let title = "";
let opener = null;
let goesBack = false;

// What the sheet shows needs more than the gallery does; it comes with the first press.
function dress() {
  const links = [...document.getElementById("sheet-parts").content.cloneNode(true).children];
  const loaded = links.map((link) => new Promise((done) => ["load", "error"].forEach((name) => link.addEventListener(name, done))));
  document.head.append(...links);
  return Promise.all([...loaded, import(sheet.dataset.player)]);
}

// The list that a take was opened from travels with its address.
function addressOf(link) {
  const url = new URL(link.href);
  const list = new URLSearchParams(location.search);
  list.delete("before");
  if (!url.search && String(list)) url.searchParams.set("in", String(list));
  return url.pathname + url.search;
}

async function show(url) {
  sheet.dataset.url = url;
  quieten();
  body.setAttribute("aria-busy", "true");
  // Without the player a take can still be looked at; with the next one it is asked for again.
  await (dressed ??= dress()).catch(() => (dressed = null));
  if (sheet.open && sheet.dataset.url === url) await htmx.ajax("GET", url, { source: body, target: "#sheet-body", swap: "innerHTML" });
}

function open(url) {
  if (sheet.open) return show(url);
  title = document.title;
  // A preview that plays below is dropped as if the pointer had left it.
  document.dispatchEvent(new Event("pointerleave"));
  sheet.showModal();
  // All else is inert now: what speaks up comes along.
  sheet.prepend(...lent);
  sheet.focus();
  return show(url);
}

function walk(url) {
  history.replaceState({ sheet: url }, "", url);
  show(url);
}

function quieten() {
  const video = body.querySelector("video, audio");
  video?.pause();
}

function leave() {
  quieten();
  body.replaceChildren();
  document.title = title;
  document.getElementById("main").before(lent[0]);
  document.body.append(lent[1]);
  const last = sheet.dataset.url?.match(/\/(\d+)\//)?.[1];
  (document.querySelector(`#take-${last} .take-link`) ?? opener)?.focus();
}

// Once: a browser closes the sheet by itself when Escape is pressed again, while the way back is still under way.
function goBack() {
  if (goesBack) return;
  goesBack = true;
  history.back();
}

const close = () => (history.state?.sheet ? goBack() : sheet.close());

function setUp() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".takes .take-link");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || !wide.matches) return;
    event.preventDefault();
    opener = link;
    const url = addressOf(link);
    history.pushState({ sheet: url }, "", url);
    open(url);
  });
  sheet.addEventListener("click", (event) => {
    if (event.target === sheet || event.target.closest("[data-close]")) close();
    const link = event.target.closest(".take-walk a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    walk(link.getAttribute("href"));
  });
  sheet.addEventListener("cancel", (event) => {
    if (event.target !== sheet) return;
    event.preventDefault();
    // Words that nobody has sent are not thrown away by a key.
    const field = document.activeElement;
    if (field.matches("input, textarea") && field.value) field.blur();
    else close();
  });
  sheet.addEventListener("close", () => {
    leave();
    if (history.state?.sheet) goBack();
  });
  // Signed out meanwhile, the answer is another page.
  body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target !== body || event.detail.isError || event.detail.xhr.responseText.includes('id="state"')) return;
    event.preventDefault();
    location.assign(sheet.dataset.url);
  });
  for (const name of ["htmx:responseError", "htmx:sendError"]) {
    body.addEventListener(name, (event) => event.target === body && body.removeAttribute("aria-busy"));
  }
  body.addEventListener("retry", () => show(sheet.dataset.url));
  body.addEventListener("htmx:afterSettle", (event) => {
    if (event.target !== body) return;
    body.removeAttribute("aria-busy");
    sheet.scrollTop = 0;
    if (!sheet.contains(document.activeElement)) sheet.focus();
    const name = body.querySelector("h1")?.textContent ?? "";
    document.title = `${name} · Hedra Studio`;
    document.getElementById("announcer").textContent = name;
  });
  // Heard before htmx, which would read the page anew.
  addEventListener("popstate", (event) => {
    goesBack = false;
    if (!event.state?.sheet && !sheet.open) return;
    event.stopImmediatePropagation();
    if (event.state?.sheet) open(event.state.sheet);
    else sheet.close();
  }, true);
}

// On a take's own page, back may lead to the gallery whose sheet this was before a reload. A part of the page
// has the same address.
const address = () => location.pathname + location.search;
const here = address();
if (sheet) setUp();
else addEventListener("popstate", () => address() !== here && location.reload());

document.addEventListener("keydown", (event) => {
  const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  if (!rel || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.closest("input, textarea, select, video, audio, [contenteditable]")) return;
  if (sheet && !sheet.open) return;
  const link = document.querySelector(`.take-walk a[rel=${rel}]`);
  if (!link) return;
  event.preventDefault();
  link.click();
});
