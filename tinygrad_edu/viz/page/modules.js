// Modules fold in place: what is inside disappears, and the picture closes up where nothing is left. Insets with what is
// inside a folded card are strips that are closed until they are opened.
// Every height y goes to f(y), which shrinks the strips that are empty now and leaves all else as it is.

const STRIP = 8, TITLE = 44, END = 10, AROUND = 12, ABOVE = 40, INSET = 14;

class Modules {
  constructor(picture, data) {
    Object.assign(this, { picture, data, folded: new Set(), zones: [] });
    this.boxes = [...picture.svg.querySelectorAll(".scope")].map((group) => {
      const rect = group.querySelector("rect"), text = group.querySelector("text");
      const [y, height] = [Number(rect.getAttribute("y")), Number(rect.getAttribute("height"))];
      return { i: Number(group.dataset.of.slice(1)), group, rect, text, y, height, at: Number(text.getAttribute("y")), title: text.textContent };
    });
    this.insets = [...picture.svg.querySelectorAll(".inset")].map((group) => {
      const [x, y, width, height] = ["x", "y", "width", "height"].map((key) => Number(group.querySelector("rect").getAttribute(key)));
      return { i: Number(group.dataset.of.slice(1)), group, rect: group.querySelector("rect"), title: group.querySelector("text"), x, y, width, height, open: false };
    });
    if (!this.boxes.length && !this.insets.length) return;
    this.body = picture.svg.querySelector("g[transform]");
    this.anchor = this.boxes.at(-1)?.group.nextSibling;
    this.below = [...picture.svg.children].slice([...picture.svg.children].indexOf(this.body) + 1);
    for (const box of this.boxes) this.prepare(box);
    const heights = (parts, above) => Object.entries(parts).map(([i, part]) => {
      const { y, height } = part.getBBox();
      return { i: Number(i), part, y, from: y - above, to: y + height + AROUND };
    });
    this.items = [...heights(picture.cards, AROUND), ...heights(picture.pills, ABOVE)];
    this.paths = Object.values(picture.edges).flatMap((edge) => [...edge.querySelectorAll("path")]).map((path) => [path, path.getAttribute("d")]);
    this.labels = Object.values(picture.locals).map((label) => [label, Number(label.querySelector("text").getAttribute("y"))]);
    this.high = picture.whole.h;
    this.wide = { x: picture.whole.x, w: picture.whole.w };
    if (this.insets.length) this.arrange();
  }

  prepare(box) {
    box.text.textContent = `▾ ${box.title}`;
    for (const [key, x] of Object.entries({ tabindex: 0, role: "button", "aria-expanded": true, "aria-label": `module ${box.title}` })) box.text.setAttribute(key, x);
    box.summary = draw("text", { class: "summary", x: box.text.getAttribute("x") });
    box.summary.textContent = this.data.scopes[box.i].inside;
    box.group.append(box.summary);
    box.group.addEventListener("click", (event) => (event.target === box.text || this.folded.has(box.i)) && moved <= 4 && this.toggle(box.i));
    box.text.addEventListener("keydown", (event) => event.key === "Enter" && this.toggle(box.i));
  }

  // The outermost folded module around a module or a node; -1 if there is none.
  hiding(scope) {
    let found = -1;
    for (; scope >= 0; scope = this.data.scopes[scope].parent) if (this.folded.has(scope)) found = scope;
    return found;
  }

  hidingNode(i) {
    return this.hiding(this.data.nodes[i].scope ?? -1);
  }

  toggle(i) {
    const box = this.boxes.find((x) => x.i === i), before = this.f(box.y);
    this.folded[this.folded.has(i) ? "delete" : "add"](i);
    this.arrange();
    this.picture.look({ ...this.picture.view, y: this.picture.view.y + this.f(box.y) - before }, true);  // stays under the pointer
    box.text.focus();
  }

  all(fold) {
    this.folded = new Set(fold ? this.boxes.map((box) => box.i).filter((i) => this.data.scopes[i].parent >= 0 || this.boxes.length === 1) : []);
    if (fold && !this.folded.size) this.folded = new Set(this.boxes.map((box) => box.i));
    this.arrange();
  }

  f(y) {
    return this.zones.reduce((down, [from, to, left]) => down - Math.max(Math.min(y, to) - from, 0) * (1 - left / (to - from)), y);
  }

  // The strips inside folded modules that nothing which is still seen reaches into.
  emptied() {
    const outer = this.data.insets[0]?.[1] ?? Infinity;  // from here on nodes are inside insets, which are seen as a whole
    const seen = this.items.filter(({ i }) => i < outer && this.hidingNode(i) < 0).map(({ from, to }) => [from, to]);
    for (const { i, y, height } of this.insets) if (this.hidingNode(i) < 0) seen.push([y, y + height + INSET]);
    for (const { i, y, height } of this.boxes) {
      if (this.hiding(this.data.scopes[i].parent) >= 0) continue;
      seen.push([y, y + (this.folded.has(i) ? TITLE : 26)], [y + height - END, y + height]);
    }
    seen.sort((a, b) => a[0] - b[0]);
    const zones = [];
    for (const { i, y, height } of this.boxes) {
      if (!this.folded.has(i) || this.hiding(this.data.scopes[i].parent) >= 0) continue;
      let from = y;
      for (const [start, end] of [...seen, [y + height, y + height]]) {
        if (Math.min(start, y + height) - from > STRIP) zones.push([from, Math.min(start, y + height), STRIP]);
        from = Math.max(from, end);
        if (from >= y + height) break;
      }
    }
    zones.sort((a, b) => a[0] - b[0]);
    const joined = [];  // of modules side by side
    for (const zone of zones) {
      const last = joined.at(-1);
      if (last && zone[0] < last[1]) last[1] = Math.max(last[1], zone[1]);
      else joined.push([...zone]);
    }
    return joined;
  }

  // The strips of insets that are not open, the outermost of nested ones.
  closed() {
    const closed = this.insets.filter((inset) => !inset.open).map(({ y, height }) => [y, y + height + INSET, 0]);
    return closed.filter(([from, to]) => !closed.some((other) => other[0] < from && to < other[1]));
  }

  placeInsets() {
    for (const inset of this.insets) {
      const y = this.f(inset.y);
      inset.group.classList.toggle("closed", !inset.open || this.hidingNode(inset.i) >= 0);
      inset.rect.setAttribute("y", y);
      inset.rect.setAttribute("height", Math.max(this.f(inset.y + inset.height) - y, 0));
      inset.title.setAttribute("transform", `translate(0 ${(y - inset.y).toFixed(1)})`);
    }
    const open = this.insets.filter((inset) => !inset.group.closest(".closed")), shift = this.picture.shift[0];
    const left = Math.min(this.wide.x, ...open.map((inset) => inset.x + shift - 12));
    const right = Math.max(this.wide.x + this.wide.w, ...open.map((inset) => inset.x + inset.width + shift + 12));
    Object.assign(this.picture.whole, { x: left, w: right - left });
  }

  // Opened in place: the card stays where it is, what is below moves down.
  open(i, open) {
    const inset = this.insets.find((x) => x.i === i);
    if (!inset) return;
    inset.open = open ?? !inset.open;
    this.arrange();
    return inset;
  }

  arrange() {
    const empty = this.emptied();
    this.zones = [...empty, ...this.closed().filter(([from]) => !empty.some((zone) => zone[0] <= from && from < zone[1]))];
    this.placeInsets();
    const moved = (part, y) => part.setAttribute("transform", `translate(0 ${(this.f(y) - y).toFixed(1)})`);
    for (const { i, part, y } of this.items) {
      part.classList.toggle("folded-away", this.hidingNode(i) >= 0);
      moved(part, y);
    }
    this.data.edges.forEach(([source, target], k) => {
      const [from, to] = [this.hidingNode(source), this.hidingNode(target)];
      this.picture.edges[k]?.classList.toggle("folded-away", from >= 0 && from === to);
      this.picture.locals[k]?.classList.toggle("folded-away", to >= 0);
    });
    for (const [path, first] of this.paths)
      path.setAttribute("d", first.replace(/(-?[\d.]+) (-?[\d.]+)/g, (_, x, y) => `${x} ${this.f(Number(y)).toFixed(1)}`));
    for (const [label, y] of this.labels) moved(label, y);
    for (const box of this.boxes) this.place(box);
    for (const part of this.below) moved(part, this.high);
    this.picture.whole.h = this.f(this.high);
    this.changed?.();
  }

  place(box) {
    const folded = this.folded.has(box.i), y = this.f(box.y);
    box.group.classList.toggle("folded", folded);
    box.group.classList.toggle("folded-away", this.hiding(this.data.scopes[box.i].parent) >= 0);
    box.rect.setAttribute("y", y);
    box.rect.setAttribute("height", this.f(box.y + box.height) - y);
    box.text.setAttribute("y", box.at + y - box.y);
    box.text.textContent = `${folded ? "▸" : "▾"} ${box.title}`;
    box.text.setAttribute("aria-expanded", !folded);
    box.summary.setAttribute("y", box.at + y - box.y + 18);
    this.body[folded ? "append" : "insertBefore"](box.group, ...(folded ? [] : [this.anchor]));
  }

  // What is seen of a node: its card, or the folded module that hides it.
  seen(i) {
    const hiding = this.boxes.length && i !== undefined ? this.hidingNode(i) : -1;
    return hiding < 0 ? this.picture.cards[i] : this.boxes.find((box) => box.i === hiding).group;
  }
}
