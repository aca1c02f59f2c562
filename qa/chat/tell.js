// A press on an element with `data-do` becomes an event with what it says and what its field holds.
let pressed = null;
const rows = () => [...element.querySelectorAll(".papers > details, .rows > li")];
const tell = (at) => {
  const row = rows().findIndex((other) => other.contains(at));
  const leaves = ["ask", "against", "open"].includes(at.dataset.do);
  pressed = leaves ? null : { ...at.dataset, row, count: rows().length };
  trigger("click", { ...at.dataset, text: at.closest("form")?.elements.text?.value ?? "" });
  if (leaves) reachQuestion(50);
};

element.addEventListener("click", (event) => {
  const at = event.target.closest("[data-do]");
  if (!at) return;
  event.preventDefault();
  tell(at);
});
element.addEventListener("submit", (event) => {
  event.preventDefault();
  tell(event.target.querySelector("[data-do]"));
});

// What leads to another tab leads to the question box there, once it is shown.
const reachQuestion = (times) => {
  const box = document.querySelector("#question textarea");
  if (box?.offsetParent) box.focus();
  else if (times) setTimeout(() => reachQuestion(times - 1), 100);
};

// The answer is a new list, in which all is folded and the focus may be lost: it goes to the same button, to
// the first of the rows that were added, or to the row that stands where the one that was pressed did.
new MutationObserver(() => {
  const at = document.activeElement;
  if (!pressed || (at !== document.body && !element.contains(at))) return;
  const { do: done, id, row, count } = pressed;
  pressed = null;
  const same = done === "compare" && element.querySelector(`[data-do="compare"][data-id="${CSS.escape(id)}"]`);
  if (same) same.closest(".card").open = true;
  const next = rows()[done === "more" ? count : Math.max(row, 0)] ?? rows().at(-1);
  (same || next?.querySelector("summary, .open"))?.focus();
}).observe(element, { childList: true, subtree: true, characterData: true });
