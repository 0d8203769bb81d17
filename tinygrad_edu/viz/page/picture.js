// The picture: finds its parts, paints their cells, shows where the steps are, and moves the camera.

const CELL = 18, READABLE = 0.62;  // the height of a cell, and how small a picture may be shown unasked

function draw(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, x] of Object.entries(attributes)) element.setAttribute(key, x);
  return element;
}

// Where a view begins so that its middle stays on the picture.
const within = (from, length, whole) => Math.min(Math.max(from, -length / 2), whole - length / 2);

class Picture {
  constructor(svg, data) {
    Object.assign(this, { svg, data, theme: "light" });
    const found = (kind) => [...svg.querySelectorAll(`.${kind}`)];
    const byIndex = (kind) => Object.fromEntries(found(kind).map((x) => [x.dataset.of.slice(1), x]));
    [this.cards, this.pills, this.edges, this.locals, this.scopes] = ["card", "pill", "edge", "local", "scope"].map(byIndex);
    this.grids = {};
    for (const [i, card] of Object.entries(this.cards)) card.children[data.nodes[i].kind === "module" ? 2 : 1].classList.add("outline");
    for (const [i, card] of Object.entries(this.cards))
      for (const kind of ["values", "gradients"]) {
        const group = card.querySelector(`.${kind}`);
        if (group) this.grids[kind[0] + i] = this.grid(group);
      }
    for (const edge of Object.values(this.edges)) this.finish(edge);
    const [, , wide, high] = svg.getAttribute("viewBox").split(" ").map(Number);
    this.camera = svg.parentElement;
    this.stage = this.camera.parentElement;
    this.whole = { x: 0, y: 0, w: wide, h: high };
    [this.drawn, this.view] = [{ ...this.whole }, { ...this.whole }];
    const body = svg.querySelector("g[transform]");
    this.shift = body.getAttribute("transform").match(/-?[\d.]+/g).map(Number);
    new ResizeObserver(() => this.aim()).observe(this.stage);
  }

  // The head of an edge; and its way back, the same line with a head at the other end.
  finish(edge) {
    const [line, ends] = edge.children, d = line.getAttribute("d"), across = ends.classList.contains("across");
    const at = d.match(/-?[\d.]+/g).map(Number), [dx, dy] = across ? [1, 0] : [0, 1];
    const head = (x, y, s) => {
      const [a, b] = [[x - 8 * s * dx + 4 * dy, y - 8 * s * dy + 4 * dx], [x - 8 * s * dx - 4 * dy, y - 8 * s * dy - 4 * dx]];
      return draw("path", { class: "tip", d: `M${x} ${y}L${a.join(" ")}L${b.join(" ")}z` });
    };
    ends.before(head(at.at(-2) + 6 * dx, at.at(-1) + 6 * dy, 1));
    if (!ends.classList.contains("returns")) return ends.remove();
    ends.setAttribute("class", "back");
    ends.append(draw("path", { d }), head(at[0], at[1], -1));
  }

  // A block of cells, made when it is first seen, with a dashed place for the time before.
  grid(group) {
    const [x, y, width, columns, rows, high = CELL] = group.dataset.of.split(" ").map(Number);
    const empty = draw("rect", { x: x + 0.5, y: y + 0.5, width: width * columns - 1, height: high * rows - 1, rx: 3, class: "empty" });
    group.after(empty);
    return { group, empty, x, y, width, high, compact: high !== CELL, cells: [], note: empty.nextElementSibling?.closest(".note") };
  }

  build(grid, [rows, moreRows, moreColumns]) {
    const dots = !grid.compact;
    const lines = rows.map((row) => [...row, ...(dots && moreColumns ? ["…"] : [])]);
    if (dots && moreRows && lines.length) lines.push(lines[0].map(() => "…"));
    grid.columns = lines[0]?.length ?? 0;
    grid.cells = lines.flatMap((line, i) => line.map((content, j) => {
      const [x, y] = [grid.x + j * grid.width, grid.y + i * grid.high], edge = grid.compact ? 0 : 0.5;
      const size = { width: grid.width - 2 * edge, height: grid.high - 2 * edge, rx: grid.high > 12 ? 2 : 0 };
      const rect = content === "…" ? null : draw("rect", { x: x + edge, y: y + edge, ...size });
      const text = draw("text", { x: x + grid.width / 2, y: y + grid.high / 2 + 4 });
      if (grid.high < 12) return grid.group.append(rect), [text, rect];  // a text that is not seen
      text.textContent = content;
      grid.group.append(...(rect ? [rect] : []), text);
      return [text, rect];
    }));
  }

  // `key` is v3 or g3; `cells` what stands there now, or nothing.
  paint(key, cells) {
    const grid = this.grids[key];
    if (!grid || (grid.now === cells && grid.theme === this.theme)) return;
    Object.assign(grid, { now: cells, theme: this.theme });
    grid.group.classList.toggle("absent", !cells);
    grid.empty.classList.toggle("absent", !!cells);
    grid.note?.classList.toggle("absent", !cells);
    if (!cells) return;
    if (!grid.shown) this.build(grid, cells);
    grid.shown = cells;
    const [rows, , , scale, note] = cells;
    const colours = this.data.colours[this.theme];
    grid.cells.forEach(([text, rect], at) => {
      if (!rect) return void (text.style.fill = colours.soft);
      const x = rows[Math.floor(at / grid.columns)][at % grid.columns];
      const strange = !Number.isFinite(x);
      const fill = strange ? colours.strange[0] : heat(x, scale, colours[key[0] === "v" ? "values" : "gradients"]);
      text.textContent = number(x);
      text.style.fill = strange ? colours.strange[1] : inkOn(fill);
      rect.style.fill = fill;
      const wide = text.textContent.length * 6.5;
      text.style.fontSize = wide > grid.width ? `${Math.max((11 * grid.width) / wide, 5)}px` : "";
    });
    if (note && grid.note) grid.note.querySelector("text").textContent = note;
  }

  // The cards, pills and lines with these classes, and no others.
  mark(classes) {
    const next = new Map();
    for (const [part, ...names] of classes) if (part) next.set(part, [...(next.get(part) ?? []), ...names]);
    for (const [part, names] of this.marked ?? [])
      for (const name of names) if (!next.get(part)?.includes(name)) part.classList.remove(name);
    for (const [part, names] of next) part.classList.add(...names);
    this.marked = next;
  }

  // Hovering: everything between a tensor and the loss.
  trace(nodes, edges) {
    this.svg.classList.toggle("tracing", !!nodes);
    const set = (parts, members) => {
      for (const [i, part] of Object.entries(parts)) part.classList.toggle("traced", !!members?.has(Number(i)));
    };
    set(this.cards, nodes), set(this.pills, edges && new Set(this.data.edges.filter((_, k) => edges.has(k)).map((e) => e[1])));
    set(this.edges, edges), set(this.locals, edges);
  }

  // The camera.

  get scale() {
    return Math.min(this.stage.clientWidth / this.view.w, this.stage.clientHeight / this.view.h);
  }

  // The view in the middle of the stage. What is around the picture is moved: if it moved itself, all in it would be laid out
  // anew.
  aim() {
    const { x, y, w, h } = this.view, scale = this.scale;
    const [left, top] = [this.stage.clientWidth / 2 - (x + w / 2) * scale, this.stage.clientHeight / 2 - (y + h / 2) * scale];
    this.camera.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
  }

  // On paper there is no stage: the whole picture.
  print(printed) {
    const { x, y, w, h } = printed ? this.whole : this.drawn;
    this.svg.setAttribute("viewBox", `${x} ${y} ${w} ${h}`);
  }

  look(view, calm = false) {
    cancelAnimationFrame(this.frame);
    view = { ...view, x: within(view.x, view.w, this.whole.w), y: within(view.y, view.h, this.whole.h) };
    const from = { ...this.view }, start = performance.now();
    const still = calm || matchMedia("(prefers-reduced-motion: reduce)").matches;
    const move = (now) => {
      const t = still ? 1 : Math.min(Math.max((now - start) / 260, 0), 1);  // a frame may have begun before
      const s = t * t * (3 - 2 * t);
      for (const k of "xywh") this.view[k] = from[k] + (view[k] - from[k]) * s;
      this.aim();
      if (t < 1) this.frame = requestAnimationFrame(move);
    };
    move(start);
  }

  // A view of the shape of the stage around `box`, at most `most` times as large as drawn, at least `least`.
  around(box, most = 1.25, least = 0) {
    const wide = this.stage.clientWidth || 1, high = this.stage.clientHeight || 1;
    const scale = Math.max(Math.min(wide / box.w, high / box.h, most), least);
    const [w, h] = [wide / scale, high / scale];
    return { x: box.x + (box.w - w) / 2, y: box.y + (box.h - h) / 2, w, h };
  }

  fit(calm) {
    this.look(this.around(this.whole), calm);
  }

  zoom(factor, x = this.stage.clientWidth / 2, y = this.stage.clientHeight / 2) {
    const now = this.around(this.view, Infinity), scale = this.stage.clientWidth / now.w;
    const next = Math.min(Math.max(scale * factor, 0.02), 8), by = scale / next;
    const at = { x: now.x + x / scale, y: now.y + y / scale };
    this.look({ x: at.x - (at.x - now.x) * by, y: at.y - (at.y - now.y) * by, w: now.w * by, h: now.h * by }, true);
  }

  pan(dx, dy) {
    const now = this.around(this.view, Infinity), scale = this.stage.clientWidth / now.w;
    this.look({ ...now, x: now.x - dx / scale, y: now.y - dy / scale }, true);
  }

  // The box around some parts, in the picture's own measure.
  box(parts) {
    const boxes = parts.filter(Boolean).map((part) => {
      const { x, y, width, height } = part.getBBox();
      return { x, y: y + (part.transform.baseVal.consolidate()?.matrix.f ?? 0), width, height };
    });
    const x = Math.min(...boxes.map((b) => b.x)), y = Math.min(...boxes.map((b) => b.y));
    const right = Math.max(...boxes.map((b) => b.x + b.width)), bottom = Math.max(...boxes.map((b) => b.y + b.height));
    return { x: x + this.shift[0] - 24, y: y + this.shift[1] - 24, w: right - x + 48, h: bottom - y + 48 };
  }

  // All of `parts` if they can be read at once, else the first.
  follow(parts) {
    const all = this.box(parts), view = this.around(all, 1.1);
    this.look(this.stage.clientWidth / view.w >= READABLE ? view : this.around(this.box(parts.slice(0, 1)), 1, 0.8));
  }

  // The beginning of the picture, large enough to be read.
  begin(calm) {
    const view = this.around(this.whole);
    if (this.stage.clientWidth / view.w >= READABLE) return this.look(view, calm);
    const first = this.box(Object.values(this.cards).slice(0, 1));
    const near = this.around({ ...this.whole, h: 1 }, 0.95, READABLE);
    const most = this.whole.w - near.w, x = most > 0 ? Math.min(Math.max(first.x + (first.w - near.w) / 2, 0), most) : near.x;
    this.look({ ...near, x, y: 0 }, calm);
  }
}
