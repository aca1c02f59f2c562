const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const placeOf = (point) => {
  const dot = point.querySelector("circle");
  return [dot.cx.baseVal.value, dot.cy.baseVal.value];
};

// What lies aside counts twice, so that the way is kept.
const nextOf = (from, [right, down]) => {
  const [x, y] = placeOf(from);
  let next = null;
  let least = Infinity;
  for (const point of element.querySelectorAll("g[data-do]")) {
    const [dx, dy] = [placeOf(point)[0] - x, placeOf(point)[1] - y];
    const ahead = dx * right + dy * down;
    const cost = ahead + 2 * Math.abs(dx * down + dy * right);
    if (ahead > 0 && cost < least) [next, least] = [point, cost];
  }
  return next;
};

element.addEventListener("keydown", (event) => {
  const from = event.target.closest("g[data-do]");
  if (!from) return;
  if (event.key === "Enter" || event.key === " ") tell(from);
  else if (ARROWS[event.key]) nextOf(from, ARROWS[event.key])?.focus();
  else return;
  event.preventDefault();
});

element.addEventListener("focusin", (event) => {
  const point = event.target.closest("g[data-do]");
  if (!point) return;
  for (const other of element.querySelectorAll("g[tabindex='0']")) other.setAttribute("tabindex", "-1");
  point.setAttribute("tabindex", "0");
  element.querySelector(".at").textContent = point.querySelector("title").textContent;
});
