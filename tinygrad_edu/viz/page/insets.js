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
let symbolsBefore = data.nodes.length;
for (const [card, from, count, repetitions] of data.insets) {
  if (repetitions.length) choosable(modules.insets.find(({ i }) => i === card), from, count, repetitions, symbolsBefore);
  symbolsBefore += repetitions.length * count;
  for (let i = from; i < from + count; i++)
    if (first[card] !== undefined && !["input", "parameter"].includes(data.nodes[i].kind)) first[i] = first[card];
}

const back = new Set(data.steps.map((step) => step.phase === "backward" && step.node));

function gradientsInside(keys, n) {
  const passed = new Set(data.steps.slice(0, n + 1).map((step) => step.phase === "backward" && step.node));
  for (const [card, from, count] of data.insets)
    if (passed.has(card) || (keys[card] && !back.has(card))) for (let i = from; i < from + count; i++) passed.add(i), (keys[i] = `g${i}`);
  return keys;
}

// Controls beside the title of an inset that go to what is inside the next time, and the time before.
function choosable(inset, from, count, others, symbolsBefore) {
  const nodes = Array.from({ length: count }, (_, k) => from + k), title = inset.title.textContent;
  for (const [, , values, gradients, shares] of others) for (const cells of [...values, ...gradients, ...Object.values(shares)]) if (cells) readable(cells);
  const known = (letter) => nodes.map((i) => data.numbers[letter + i] ?? null);
  const shares = Object.fromEntries(Object.keys(others[0][4]).map((key) => [key, data.numbers[key]]));
  const tooltips = nodes.map((i) => picture.cards[i].querySelector("title").textContent);
  const times = [[nodes.map((i) => data.nodes[i].name), tooltips, known("v"), known("g"), shares], ...others];
  const head = draw("g", {}), words = inset.title, [left, y] = ["x", "y"].map((side) => Number(words.getAttribute(side)));
  words.replaceWith(head);
  words.setAttribute("x", left + 62);
  const steps = [["◀", -1, "The time before"], ["▶", 1, "The next time"]].map(([sign, by, name], at) => {
    const control = draw("g", { class: "control", tabindex: 0, role: "button", "aria-label": name });
    const x = left + 28 * at, text = draw("text", { x: x + 12, y: y + 1 });
    text.textContent = sign;
    control.append(draw("rect", { x, y: y - 15, width: 24, height: 22, rx: 5 }), text);
    control.addEventListener("click", (event) => (event.stopPropagation(), moved > 4 || turn(now + by)));
    control.addEventListener("focus", () => pointers.size || reveal(control, inset.group));
    control.addEventListener("keydown", (event) => ["Enter", " "].includes(event.key) && (event.preventDefault(), event.stopPropagation(), turn(now + by)));
    return control;
  });
  head.append(words, ...steps);
  inset.title = head;
  let now = 0;

  function turn(n) {
    if (n < 0 || n >= times.length) return;
    now = n;
    const [names, titles, values, gradients, shares] = times[n];
    Object.assign(data.numbers, shares);
    nodes.forEach((i, k) => {
      data.nodes[i].name = names[k];
      data.numbers[`v${i}`] = values[k] ?? undefined, data.numbers[`g${i}`] = gradients[k] ?? undefined;
      symbolOf[i] = n ? symbolsBefore + (n - 1) * count + k : i;
      label(picture.cards[i], names[k], titles[k]);
    });
    words.textContent = n ? `${n + 1} of ${title.split(" ").at(-1)}` : title;
    steps.forEach((control, at) => control.setAttribute("aria-disabled", String(n === (at ? times.length - 1 : 0))));
    paint();
    if (nodes.includes(told)) tell(told);
    $("log").textContent = `${words.textContent}: ${names.join(", ")}.`;
  }
  steps[0].setAttribute("aria-disabled", "true");
}

// The name and the tooltip of a card; a name that is longer than the first one is set narrower.
function label(card, name, title) {
  const text = [...card.children].find((part) => part.localName === "text");
  card.querySelector("title").textContent = title;
  card.setAttribute("aria-label", `${title}. Enter goes to its step`);
  text.removeAttribute("textLength");
  const room = (card.room ??= text.getComputedTextLength());
  text.textContent = name;
  if (text.getComputedTextLength() > room + 2) Object.entries({ textLength: room, lengthAdjust: "spacingAndGlyphs" }).forEach((pair) => text.setAttribute(...pair));
}

// What an operation inside a card does, forward and, if its gradient is there, back.
let told = null;
function tell(i) {
  const back = !picture.grids[`g${i}`]?.group.classList.contains("absent");
  const said = data.inside.filter(({ node, phase }) => node === i && (phase === "forward" || back));
  if (!said.length || quiz.hidden) return;
  told = i;
  $("title").textContent = `inside: ${data.nodes[i].sign} → ${data.nodes[i].name}`;
  $("step").replaceChildren(...said.map(saidIn));
}
for (const i of new Set(data.inside.map(({ node }) => node)))
  for (const part of [picture.cards[i], picture.pills[i]])
    for (const kind of ["click", "focus"]) part?.addEventListener(kind, () => pointers.size || moved > 4 || tell(i));
