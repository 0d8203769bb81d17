// The numbers of a card in one line, written out while the pointer or the focus is on it.

const lens = document.createElement("div");
Object.assign(lens, { id: "lens", hidden: true, role: "tooltip" });
stage.append(lens);

function magnify(i) {
  const seen = [["value", numbersAt(`v${i}`)], ["gradient", numbersAt(`g${i}`)]].filter(([, cells]) => cells);
  lens.hidden = !seen.length;
  if (lens.hidden) return;
  lens.replaceChildren(...seen.map(([word, cells]) => spread(word, cells)));
  const [card, whole] = [picture.cards[i], stage].map((part) => part.getBoundingClientRect());
  const left = Math.min(Math.max(card.left - whole.left, 4), stage.clientWidth - lens.offsetWidth - 4);
  const below = card.bottom - whole.top + 6, above = card.top - whole.top - lens.offsetHeight - 6;
  lens.style.left = `${Math.max(left, 4)}px`;
  lens.style.top = `${below + lens.offsetHeight > stage.clientHeight && above > 0 ? above : below}px`;
}

// What stands on a card in cells too small for texts; or, where no card has numbers, what this step knows.
function numbersAt(key) {
  const grid = picture.grids[key];
  if (grid) return grid.compact && !grid.group.matches(".absent, .hidden-numbers") && grid.shown;
  return quiz.hides(key) ? null : numbersNow(key);
}

// A block of numbers as a table with the colours of its cells.
function spread(word, [rows, moreRows, moreColumns, scale, note]) {
  const table = document.createElement("table"), colours = data.colours[picture.theme];
  table.createCaption().textContent = note ? `${word} · ${note}` : word;
  for (const row of rows) {
    const line = table.insertRow();
    for (const x of row) {
      const fill = heat(x, scale, colours[`${word}s`]), cell = line.insertCell();
      const [background, color] = Number.isFinite(x) ? [fill, inkOn(fill)] : colours.strange;
      Object.assign(cell, { textContent: number(x) }), Object.assign(cell.style, { background, color });
    }
    if (moreColumns) line.insertCell().textContent = "…";
  }
  if (moreRows) table.insertRow().insertCell().textContent = "…";
  return table;
}

for (const [i, card] of Object.entries(picture.cards)) {
  for (const kind of ["pointerenter", "focus"]) card.addEventListener(kind, () => pointers.size || magnify(i));
  for (const kind of ["pointerleave", "blur"]) card.addEventListener(kind, () => (lens.hidden = true));
}
