// Enter in the cap counts anew: it must not press the button of the form around the list.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.id !== "fan-out-cap") return;
  event.preventDefault();
  event.target.dispatchEvent(new Event("change", { bubbles: true }));
});
