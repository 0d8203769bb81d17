// The page: which step is shown, and what keys, buttons and the pointer do.

const $ = (id) => document.getElementById(id);
const MATH = "http://www.w3.org/1998/Math/MathML";
const data = JSON.parse($("data").textContent);
const picture = new Picture($("picture"), data);
const modules = new Modules(picture, data);
const sections = [...$("steps").content.children];
const state = { step: 0, playing: null, follow: true, quiz: false, revealed: true };
const first = {};  // the step in which each node is computed
data.steps.forEach((step, n) => step.phase === "forward" && (first[step.node] = n));
const way = data.steps.findIndex((step) => step.phase === "seed");
for (const cells of Object.values(data.numbers)) {
  cells[0] = cells[0].map((row) => row.map(Number));
  cells[3] = Number(cells[3]);
}

// Numbers in formulas.

function make(name, ...children) {
  const element = document.createElementNS(MATH, name);
  element.append(...children);
  return element;
}

function written(x) {
  const [mantissa, power] = number(x).split("e");
  const plain = make("mn", mantissa);
  return power ? make("mrow", plain, make("mo", "·"), make("msup", make("mn", "10"), make("mn", power))) : plain;
}

function fill(place) {
  const cells = data.numbers[place.dataset.number];
  if (!cells) return place.replaceChildren(make("mo", "…"));
  const [rows, moreRows, moreColumns] = cells;
  if (place.localName === "mrow") {
    const x = rows[0]?.[0] ?? NaN;
    const apart = "alone" in place.dataset || place.matches("mfrac > mrow > mrow:only-child > :only-child");
    const bracketed = x < 0 && !apart;
    const sign = (bracket) => (bracketed ? [make("mo", bracket)] : []);
    return place.replaceChildren(...sign("("), written(x), ...sign(")"));
  }
  const lines = rows.map((row) => [...row.map(written), ...(moreColumns ? [make("mo", "…")] : [])]);
  if (moreRows) lines.push(lines[0].map(() => make("mo", "⋮")));
  place.replaceChildren(...lines.map((line) => make("mtr", ...line.map((x) => make("mtd", x)))));
}

// Steps.

// Which numbers are the gradient of each node after step n.
function gradientsAfter(n) {
  const shown = {};
  for (const step of data.steps.slice(0, n + 1)) Object.assign(shown, step.shown);
  return shown;
}

const names = (nodes) => [...new Set(nodes)].map((i) => data.nodes[i].name).join(", ");

function title(step) {
  const node = data.nodes[step.node], sources = (step.edges ?? []).map((k) => data.edges[k][0]);
  if (step.phase === "forward") return `forward through ${node.sign}: ${names(sources)} → ${node.name}`;
  if (step.phase === "seed") return `the way back begins at ${node.name}`;
  if (step.phase === "backward") return `backward through ${node.sign}: ${node.name} → ${names(sources)}`;
  return data.steps.length > 1 ? "start: what is given" : "the graph";
}

function show(n, { calm = false } = {}) {
  n = Math.min(Math.max(n, 0), data.steps.length - 1);
  state.step = n;
  state.revealed = !state.quiz || data.steps[n].phase === "start";
  const step = data.steps[n];
  if (location.protocol !== "about:")  // in a frame of a notebook there is no address
    history.replaceState(null, "", n ? `#step=${n}` : location.pathname + location.search);
  $("slider").value = n;
  $("slider").setAttribute("aria-valuetext", `${n + 1} of ${data.steps.length}: ${title(step)}`);
  for (const [id, end] of [["first", 0], ["previous", 0], ["next", data.steps.length - 1], ["last", data.steps.length - 1]])
    $(id).disabled = n === end;
  if (n === data.steps.length - 1) play(false);
  paint();
  mark(step);
  panel(step);
  if (state.follow) move(step, calm);
}

function paint() {
  const shown = gradientsAfter(state.step);
  for (const i of data.nodes.keys()) {
    picture.paint(`v${i}`, (first[i] ?? 0) <= state.step ? data.numbers[`v${i}`] : null);
    picture.paint(`g${i}`, data.numbers[shown[i]] ?? null);
  }
}

function mark(step) {
  const back = step.phase === "backward" || step.phase === "seed";
  picture.svg.classList.toggle("backward", back);
  const { pills, edges, locals } = picture;
  const classes = [[modules.seen(step.node), "current"]];
  if (step.phase !== "seed") classes.push([pills[step.node], "current", ...(back ? [] : ["flowing"])]);
  for (const earlier of data.steps.slice(0, state.step))
    if (earlier.phase === "backward") for (const k of earlier.edges) classes.push([edges[k], "passed"]);
  for (const k of step.edges ?? []) {
    classes.push([edges[k], back ? "returning" : "flowing"], [modules.seen(data.edges[k][0]), "touched"]);
    if (back) classes.push([locals[k], "returning"]);
  }
  picture.mark(classes);
}

function panel(step) {
  $("phase").textContent = step.phase === "seed" ? "backward" : step.phase;
  $("phase").className = `badge ${step.phase}`;
  $("count").textContent = `step ${state.step + 1} / ${data.steps.length}`;
  const line = data.nodes[step.node]?.line;
  $("line").textContent = line && step.phase !== "seed" ? `· ${line}` : "";
  $("title").textContent = title(step);
  const section = sections[state.step]?.cloneNode(true) ?? document.createElement("section");
  $("step").replaceChildren(section);
  section.querySelectorAll("[data-number]").forEach(fill);
  quiz(step);
  log(step);
}

// For those who listen: what the panel shows, and the new numbers.
function log(step) {
  const shown = Object.entries(step.shown ?? {}).map(([i, key]) => [`gradient of ${data.nodes[i].name}`, key]);
  if (step.phase === "forward") shown.push([data.nodes[step.node].name, `v${step.node}`]);
  const told = shown.filter(([, key]) => data.numbers[key]).map(([name, key]) => {
    const [rows, moreRows, moreColumns] = data.numbers[key];
    return `${name} is ${rows.map((row) => row.map(number).join(" ") + (moreColumns ? " …" : "")).join("; ")}${moreRows ? " …" : ""}`;
  });
  const numbers = state.revealed ? told.join(". ") : "The numbers are hidden: press R to hear them";
  $("log").textContent = [`Step ${state.step + 1} of ${data.steps.length}: ${title(step)}`, step.said, numbers].filter(Boolean).join(". ") + ".";
}

function move(step, calm) {
  if (step.phase === "start") return picture.begin(calm);
  const sources = (step.edges ?? []).map((k) => modules.seen(data.edges[k][0]));
  const pill = modules.seen(step.node) === picture.cards[step.node] && picture.pills[step.node];
  picture.follow([modules.seen(step.node), pill, ...sources]);
}

function play(on) {
  clearInterval(state.playing);
  state.playing = on ? setInterval(() => show(state.step + 1), 1600) : null;
  $("play").setAttribute("aria-pressed", String(on));
  $("play").textContent = on ? "❚❚ pause" : "▶ play";
}

function start() {
  if (state.playing) return play(false);
  if (state.step === data.steps.length - 1) show(0);
  play(data.steps.length > 1);
}

// Quiz: new numbers are hidden until asked for.

function quiz(step) {
  const hidden = !state.revealed;
  document.querySelectorAll(".hidden-numbers").forEach((x) => x.classList.remove("hidden-numbers"));
  $("reveal-row").hidden = !hidden;
  if (!hidden) return;
  const keys = step.phase === "forward" ? [`v${step.node}`] : Object.keys(step.shown ?? {}).map((i) => `g${i}`);
  for (const key of keys) picture.grids[key]?.group.classList.add("hidden-numbers");
  for (const numbers of $("step").querySelectorAll(".numbers")) numbers.classList.add("hidden-numbers");
}

function reveal() {
  if (state.revealed) return;
  state.revealed = true;
  quiz(data.steps[state.step]);
  log(data.steps[state.step]);
}

// Paths: what lies between a tensor and the loss.

const into = new Map(), outOf = new Map();
data.edges.forEach(([source, target], k) => {
  if (!outOf.has(source)) outOf.set(source, []);
  if (!into.has(target)) into.set(target, []);
  outOf.get(source).push(k), into.get(target).push(k);
});
const root = data.nodes.findLastIndex((node) => node.kind === "loss");
const end = root >= 0 ? root : data.nodes.length - 1;

// Nodes stand in an order in which sources come before targets, so one pass each way finds all.
function pathsFrom(i) {
  const counts = new Map([[i, 1n]]), reached = new Set([end]), edges = new Set();
  for (let at = i; at <= end; at++)
    if (counts.has(at)) for (const k of outOf.get(at) ?? []) {
      const target = data.edges[k][1];
      counts.set(target, (counts.get(target) ?? 0n) + counts.get(at));
    }
  for (let at = end; at >= i; at--)
    if (reached.has(at) && counts.has(at)) for (const k of into.get(at) ?? [])
      if (counts.has(data.edges[k][0])) edges.add(k), reached.add(data.edges[k][0]);
  const nodes = new Set([...reached].filter((at) => counts.has(at)).concat(i));
  return { nodes, edges, count: counts.get(end) ?? 0n };
}

// Every path as a list of edges.
function listed(i, edges) {
  if (i === end) return [[]];
  const onward = (outOf.get(i) ?? []).filter((k) => edges.has(k));
  return onward.flatMap((k) => listed(data.edges[k][1], edges).map((path) => [k, ...path]));
}

// For single numbers: the local derivatives along each path, and their product.
function products(i, { edges, count }) {
  const slope = (k) => state.machine?.slope(k);
  if (i === end || count > MOST_PATHS || edges.size > 200 || ![...edges].every((k) => slope(k) !== undefined)) return [];
  return listed(i, edges).map((path) => {
    const along = [i, ...path.map((k) => data.edges[k][1])].map((at) => data.nodes[at].name).join(" → ");
    const factors = path.map((k) => (slope(k) < 0 && path.length > 1 ? `(${number(slope(k))})` : number(slope(k))));
    const product = path.reduce((x, k) => x * slope(k), 1);
    return `${along}: ${factors.join(" · ")}${path.length > 1 ? ` = ${number(product)}` : ""}`;
  });
}

const MOST_PATHS = 8n;

function trace(i) {
  if (i === null) return picture.trace(null), void ($("paths").hidden = true);
  const found = pathsFrom(i), { nodes, edges, count } = found;
  picture.trace(nodes, edges);
  const [from, to] = [data.nodes[i].name, data.nodes[end].name];
  const sum = count > 1n ? ": its gradient is the sum over all of them" : "";
  const told = i === end ? `${to} is the end of all paths` : `${count} path${count === 1n ? "" : "s"} from ${from} to ${to}${sum}`;
  const lines = state.revealed ? products(i, found) : [];
  $("paths").replaceChildren(...[told, ...lines].map((line) => Object.assign(document.createElement("span"), { textContent: line })));
  $("paths").hidden = false;
}

// Search.

function search(next) {
  const wanted = $("search").value.trim().toLowerCase();
  const hits = wanted ? [...data.nodes.keys()].filter((i) => `${data.nodes[i].name} ${data.nodes[i].sign}`.toLowerCase().includes(wanted)) : [];
  for (const [i, card] of Object.entries(picture.cards)) card.classList.toggle("found", hits.includes(Number(i)));
  $("search").setAttribute("aria-invalid", String(!!wanted && !hits.length));
  if (!hits.length || !next) return;
  state.hit = hits[(hits.indexOf(state.hit) + 1) % hits.length];
  picture.follow([modules.seen(state.hit)]);
}

// Light and dark.

const dark = matchMedia("(prefers-color-scheme: dark)");

function theme(chosen) {
  if (chosen) document.documentElement.dataset.theme = chosen;
  picture.theme = document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light");
  paint();
}

// Controls.

const toggle = (id, on) => $(id).setAttribute("aria-pressed", String(on));
const actions = {
  first: () => show(0),
  previous: () => show(state.step - 1),
  next: () => show(state.step + 1),
  last: () => show(data.steps.length - 1),
  backward: () => show(way),
  play: start,
  fit: () => (picture.fit(), follow(false)),
  in: () => picture.zoom(1.3),
  out: () => picture.zoom(1 / 1.3),
  follow: () => (follow(!state.follow), state.follow && move(data.steps[state.step])),
  quiz: () => (toggle("quiz", (state.quiz = !state.quiz)), (state.revealed = !state.quiz), panel(data.steps[state.step])),
  theme: () => theme(picture.theme === "dark" ? "light" : "dark"),
  modules: () => modules.all(!modules.folded.size),
  reveal,
};
const keys = {
  ArrowRight: "next", ArrowDown: "next", ArrowLeft: "previous", ArrowUp: "previous", Home: "first", End: "last",
  " ": "play", b: "backward", f: "fit", c: "follow", q: "quiz", d: "theme", r: "reveal", m: "modules", "+": "in", "=": "in", "-": "out",
};

function follow(on) {
  toggle("follow", (state.follow = on));
}

for (const [id, act] of Object.entries(actions)) $(id).addEventListener("click", () => (id !== "play" && play(false), act()));
$("slider").addEventListener("input", (event) => (play(false), show(Number(event.target.value), { calm: true })));
$("search").addEventListener("input", () => search(false));
$("search").addEventListener("keydown", (event) => event.key === "Enter" && search(true));
addEventListener("hashchange", () => show(stepOf(location.hash)));
dark.addEventListener("change", () => theme());
addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, select, textarea");
  if (event.altKey || event.ctrlKey || event.metaKey || typing) return;
  if (event.key === "/") return event.preventDefault(), $("search").focus();
  const id = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!id || (event.key === " " && event.target.closest?.("button")) || $(id).disabled) return;
  event.preventDefault();
  $(id).click();
});

// The pointer: drag to move, wheel or two fingers to zoom, hover for paths, click a card for its step.

const MOST_TABBED = 80;  // cards that the tab key goes through; of more, search finds one
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
  card.setAttribute("tabindex", data.nodes.length <= MOST_TABBED ? "0" : "-1");
  card.setAttribute("role", "button");
  card.setAttribute("aria-label", card.querySelector("title").textContent);
  for (const kind of ["pointerenter", "focus"]) card.addEventListener(kind, () => pointers.size || trace(at));
  for (const kind of ["pointerleave", "blur"]) card.addEventListener(kind, () => trace(null));
  for (const part of [card, picture.pills[i]]) part?.addEventListener("click", () => moved > 4 || jump(at));
  card.addEventListener("keydown", (event) => event.key === "Enter" && jump(at));
}

// To the step that computes a tensor, or that completes its gradient if the way back has begun.
function jump(i) {
  play(false);
  if (!state.revealed && data.steps[state.step].shown?.[i]) return reveal();
  const completed = data.steps.findLastIndex((step) => step.shown?.[i]);
  const n = way >= 0 && state.step >= way && completed >= 0 ? completed : first[i];
  if (n !== undefined) show(n);
}

const stepOf = (hash) => Number(/^#step=(\d{1,7})$/.exec(hash)?.[1] ?? 0);

// Begin.

for (const name of new Set(data.nodes.map((node) => node.name))) {
  const option = document.createElement("option");
  option.value = name;
  $("names").append(option);
}
$("slider").max = data.steps.length - 1;
$("modules").hidden = !modules.boxes.length;
modules.changed = () => {
  toggle("modules", modules.folded.size > 0);
  mark(data.steps[state.step]);
};
$("backward").disabled = way < 0;
for (const id of ["play", "slider", "quiz"]) $(id).disabled = data.steps.length < 2;
if (way >= 0) {
  const span = (name, words) => Object.assign(document.createElement("span"), { className: name, textContent: words });
  $("key").append(span("up", "■ gradient from above"), " × ", span("met", "■ local derivative"), " = gradient of the input. ");
}
$("key").append("Keys: ← → step, space play, B way back, F fit, / find. Hover a card for its paths; click it for its step.");
theme(data.theme);
show(stepOf(location.hash), { calm: true });
