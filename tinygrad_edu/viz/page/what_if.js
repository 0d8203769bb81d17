// What if: change a number of a leaf, and everything is computed anew, forward and backward.

class WhatIf {
  constructor({ dtype, leaves, lines, slots }) {
    Object.assign(this, { dtype, lines, slots });
    this.kept = dtype === "float32" ? Math.fround : (x) => x;  // what becomes of a number that is written into a leaf
    this.leaves = leaves.map(([node, free, shape, numbers, after]) => ({
      node, free, shape, data: Float64Array.from(numbers, Number), after: after && Float64Array.from(after, Number),
    }));
    this.now = this.leaves.map(({ shape, data }) => ({ shape, data: data.slice() }));
    this.base = run(lines, this.now, dtype);
    this.shown = { ...data.numbers };
    this.changed = new Map();
  }

  // Whether this machine finds the loss that Python found, to every digit that anybody reads.
  get agrees() {
    const mine = this.base[this.slots[`v${end}`]].data[0], theirs = Number(data.numbers[`v${end}`]?.[0][0][0]);
    const share = this.dtype === "float32" ? 1e-5 : 1e-9;  // NumPy adds up in another order
    return Object.is(mine, theirs) || Math.abs(mine - theirs) <= share * Math.max(Math.abs(theirs), 1e-300) || (Number.isNaN(mine) && Number.isNaN(theirs));
  }

  at(leaf, place) {
    return this.now[leaf].data[place];
  }

  set(leaf, place, typed) {
    this.put(leaf, place, typed);
    this.compute();
  }

  // All leaves on the way from before the update of the program, 0, to after it, 1.
  update(share) {
    this.leaves.forEach(({ data: before, after }, i) =>
      after?.forEach((end, place) => this.put(i, place, share === 1 ? end : before[place] + share * (end - before[place]))),
    );
    this.compute();
  }

  put(leaf, place, typed) {
    const x = (this.now[leaf].data[place] = this.kept(typed));
    const same = Object.is(x, this.leaves[leaf].data[place]);
    this.changed[same ? "delete" : "set"](`${leaf} ${place}`, [leaf, place]);
  }

  compute() {
    if (root < 0) return "Change a number and see what becomes of the results.";
    if (!this.changed.size) return this.reset();
    this.arrays = run(this.lines, this.now, this.dtype);
    for (const key of Object.keys(data.numbers))
      if (key in this.slots) data.numbers[key] = cellsOf(this.arrays[this.slots[key]]);
  }

  reset() {
    this.leaves.forEach(({ data: first }, i) => this.now[i].data.set(first));
    this.changed.clear();
    this.arrays = this.base;
    Object.assign(data.numbers, this.shown);
  }

  // The local derivative of edge k, if it is a number.
  slope(k) {
    return (this.arrays ?? this.base)[this.slots[`l${k}`]]?.data[0];
  }

  // What the loss did, and what the gradient at the beginning said it would do.
  effect() {
    const loss = this.slots[`v${end}`], name = data.nodes[end].name;
    const [before, after] = [this.base[loss].data[0], (this.arrays ?? this.base)[loss].data[0]];
    if (root < 0) return "Change a number and see what becomes of the results.";
    if (!this.changed.size) return `${name} = ${number(before)}. Change a number and see what becomes of it.`;
    let predicted = 0;
    for (const [leaf, place] of this.changed.values()) {
      const slope = this.base[this.slots[`g${this.leaves[leaf].node}`]]?.data[place];
      predicted += (slope ?? NaN) * (this.now[leaf].data[place] - this.leaves[leaf].data[place]);
    }
    const prediction = Number.isNaN(predicted) ? "" : ` Gradient × change said ${signed(predicted)}.`;
    return `${name}: ${number(before)} → ${number(after)}, a change of ${signed(after - before)}.${prediction}`;
  }
}

// `x` in as few digits as it takes to be kept as it is.
function shortest(x, kept) {
  const digits = Array.from({ length: 17 }, (_, i) => i + 1).find((n) => kept(Number(x.toPrecision(n))) === x);
  return digits ? Number(x.toPrecision(digits)) : x;
}

const signed = (x) => (x >= 0 ? "+" : "") + number(x);

function whatIf(machine) {
  const leaf = () => Number($("leaf").value), wide = () => machine.leaves[leaf()].shape.at(-1) ?? 1;
  const place = () => Number($("row").value) * wide() + Number($("column").value);
  $("what-if").hidden = false;
  machine.leaves.forEach((x, i) => {
    if (!x.free) return;
    const option = document.createElement("option");
    Object.assign(option, { value: i, textContent: data.nodes[x.node].name });
    $("leaf").append(option);
  });

  function choose() {
    const { shape, data: numbers } = machine.leaves[leaf()], high = numbers.length / wide();
    for (const [id, most] of [["row", high], ["column", wide()]]) {
      $(id).max = most - 1;
      $(id).value = Math.min(Math.max(Math.trunc(Number($(id).value)) || 0, 0), most - 1);
      $(id).parentElement.hidden = most === 1;
    }
    const x = machine.at(leaf(), place()), first = numbers[place()];
    const reach = Math.max(Math.abs(first), ...numbers.map(Math.abs).filter(Number.isFinite), 0.5);
    Object.assign($("dial"), { min: first - reach, max: first + reach, step: reach / 200 });
    $("value").value = shortest(x, machine.kept);
    $("dial").value = x;
    tell();
  }

  function tell() {
    $("effect").textContent = machine.effect();
    $("reset").disabled = !machine.changed.size;
    for (const { node, after } of machine.leaves) {
      const caption = after && picture.grids[`v${node}`]?.group.previousElementSibling;
      if (caption) caption.textContent = machine.changed.size ? "value" : "value then";
    }
    for (const box of document.querySelectorAll(".changed")) box.classList.remove("changed");
    for (const [i, at] of machine.changed.values()) {
      const grid = picture.grids[`v${machine.leaves[i].node}`], columns = machine.leaves[i].shape.at(-1) ?? 1;
      grid?.cells[cellAt(grid, Math.floor(at / columns), at % columns)]?.[1]?.classList.add("changed");
    }
  }

  function renew() {
    for (const [k, label] of Object.entries(picture.locals))
      if (machine.slope(k) !== undefined)
        for (const text of label.querySelectorAll("text")) text.textContent = `× ${number(machine.slope(k))}`;
    paint();
    panel(data.steps[state.step]);
    log(data.steps[state.step]);
    tell();
  }

  function change(from, to) {
    const x = Number($(from).value);
    if ($(from).value.trim() === "" || !Number.isFinite(x)) return;
    $(to).value = x;
    machine.set(leaf(), place(), x);
    renew();
  }

  for (const id of ["leaf", "row", "column"]) $(id).addEventListener("change", choose);
  $("value").addEventListener("input", () => change("value", "dial"));
  $("dial").addEventListener("input", () => change("dial", "value"));
  $("reset").addEventListener("click", () => (machine.reset(), ($("moment").value = 0), choose(), renew()));
  $("update").hidden = !machine.leaves.some(({ after }) => after);
  $("moment").addEventListener("input", () => (machine.update(Number($("moment").value)), choose(), renew()));

  machine.leaves.forEach((x, i) => {
    const grid = picture.grids[`v${x.node}`];
    if (!x.free || !grid) return;
    grid.group.classList.add("changeable");
    grid.group.addEventListener("click", (event) => {
      const at = grid.cells.findIndex(([text, rect]) => rect && (event.target === text || event.target === rect));
      if (moved > 4 || at < 0) return;
      event.stopPropagation();
      $("leaf").value = i;
      [$("row").value, $("column").value] = [Math.floor(at / grid.columns), at % grid.columns];
      choose();
      $("value").focus();
      $("value").select();
    });
  });
  const learned = machine.leaves.findIndex((x) => x.free && `g${x.node}` in machine.slots);
  if (learned >= 0) $("leaf").value = learned;
  choose();
}

// Which cell of a grid shows a number; -1 if none does.
const cellAt = (grid, row, column) =>
  grid.shown && row < grid.shown[0].length && column < grid.shown[0][0].length ? row * grid.columns + column : -1;

if (data.whatIf && data.whatIf.leaves.some(([, free]) => free)) {
  const machine = new WhatIf(data.whatIf);
  if (machine.agrees) whatIf((state.machine = machine));
}
