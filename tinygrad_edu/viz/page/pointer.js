// The pointer: drag to move, wheel or two fingers to zoom, hover for paths, click a card for its step.

const MAX_TABBED_CARDS = 80;  // cards that the tab key goes through; of more, search finds one
const stage = $("stage"), pointers = new Map();
let moved = 0;
stage.addEventListener("wheel", (event) => {
  event.preventDefault();
  const place = stage.getBoundingClientRect();
  picture.zoom(Math.exp(-event.deltaY * 0.0015), event.clientX - place.x, event.clientY - place.y);
}, { passive: false });
stage.addEventListener("pointerdown", (event) => {
  if (!pointers.size) moved = 0;
  pointers.set(event.pointerId, [event.clientX, event.clientY]);
});
addEventListener("pointermove", (event) => {
  const before = pointers.get(event.pointerId);
  if (!before) return;
  const [dx, dy] = [event.clientX - before[0], event.clientY - before[1]];
  const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
  pointers.set(event.pointerId, [event.clientX, event.clientY]);
  moved += Math.abs(dx) + Math.abs(dy);
  if (other) {
    const far = (p) => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1, place = stage.getBoundingClientRect();
    return picture.zoom(far([event.clientX, event.clientY]) / far(before), other[0] - place.x, other[1] - place.y);
  }
  if (moved > 4) stage.classList.add("grabbed");
  picture.pan(dx, dy);
});
for (const kind of ["pointerup", "pointercancel"])
  addEventListener(kind, (event) => (pointers.delete(event.pointerId), stage.classList.remove("grabbed")));

for (const [i, card] of Object.entries(picture.cards)) {
  const at = Number(i);
  card.setAttribute("tabindex", data.nodes.length <= MAX_TABBED_CARDS ? "0" : "-1");
  card.setAttribute("role", "group");  // a button would be named by all of its numbers
  card.setAttribute("aria-label", `${card.querySelector("title").textContent}. Enter goes to its step`);
  for (const kind of ["pointerenter", "focus"]) card.addEventListener(kind, () => pointers.size || trace(at));
  for (const kind of ["pointerleave", "blur"]) card.addEventListener(kind, () => trace(null));
  for (const part of [card, picture.pills[i]]) part?.addEventListener("click", ({ target }) => moved > 4 || quiz.picks(at, target) || jump(at));
  card.addEventListener("focus", () => pointers.size || reveal(card));
  card.addEventListener("keydown", (event) => event.key === "Enter" && jump(at));
}

// The camera goes to a card, or to what is around a control, that has the focus and is not on the screen.
function reveal(focused, around = focused) {
  const [part, whole] = [focused, stage].map((x) => x.getBoundingClientRect());
  stage.scrollTo(0, 0);
  if (part.left < whole.left || part.right > whole.right || part.top < whole.top || part.bottom > whole.bottom) picture.follow([around]);
}

// To the step that computes a tensor, or that completes its gradient if the way back has begun. What is inside a folded card
// has no steps of its own.
function jump(i) {
  play(false);
  if (i >= data.insets[0]?.[1] && first[i] <= state.step) return;
  const completed = data.steps.findLastIndex((step) => step.gradients?.[i]);
  const n = way >= 0 && state.step >= way && completed >= 0 ? completed : first[i];
  if (n !== undefined) show(n);
}
