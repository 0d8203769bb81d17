// A click on a folded card opens what is inside, below the card; another click closes it.

for (const { i } of modules.insets) {
  const card = picture.cards[i];
  card.classList.add("opens");
  card.setAttribute("aria-expanded", "false");
  for (const part of [card, picture.pills[i]]) part?.addEventListener("click", () => moved > 4 || unfold(i));
  card.addEventListener("keydown", (event) => event.key === "Enter" && unfold(i));
}

function unfold(i, open) {
  const inset = modules.open(i, open);
  picture.cards[i].setAttribute("aria-expanded", String(inset.open));
  if (inset.open) picture.follow([inset.group, picture.cards[i]]);
}

// What is inside is computed, and has its gradients, when the card has.
for (const [card, from, count] of data.insets)
  for (let i = from; i < from + count; i++)
    if (first[card] !== undefined && !["input", "parameter"].includes(data.nodes[i].kind)) first[i] = first[card];

const back = new Set(data.steps.map((step) => step.phase === "backward" && step.node));

function gradientsInside(keys, n) {
  const passed = new Set(data.steps.slice(0, n + 1).map((step) => step.phase === "backward" && step.node));
  for (const [card, from, count] of data.insets)
    if (passed.has(card) || (keys[card] && !back.has(card))) for (let i = from; i < from + count; i++) passed.add(i), (keys[i] = `g${i}`);
  return keys;
}
