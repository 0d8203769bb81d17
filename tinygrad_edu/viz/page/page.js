// The page: which step is shown, and what keys, buttons and the pointer do.

const $ = (id) => document.getElementById(id);
const data = JSON.parse($("data").textContent);
data.nodes = data.nodes.map(([name, kind, sign, line, scope, shape]) => ({ name, kind, sign, line, scope, shape }));
for (const step of data.steps)
  if (step.done) step.gradients = { ...step.gradients, ...Object.fromEntries(step.done.map((i) => [i, `g${i}`])) };
const picture = new Picture($("picture"), data);
const modules = new Modules(picture, data);
const state = { step: 0, playing: null, follow: true };
const first = {};  // the step in which each node is computed
data.steps.forEach((step, n) => step.phase === "forward" && (first[step.node] = n));
const way = data.steps.findIndex((step) => step.phase === "seed");
for (const cells of Object.values(data.numbers)) readable(cells);

// NaN and infinity come as texts.
function readable(cells) {
  cells[0] = cells[0].map((row) => row.map(Number));
  cells[3] = Number(cells[3]);
}

// Steps.

// Which numbers are the gradient of each node after step n.
function gradientsAfter(n) {
  const keys = {};
  for (const step of data.steps.slice(0, n + 1)) Object.assign(keys, step.gradients);
  return gradientsInside(keys, n);
}

const names = (nodes) => [...new Set(nodes)].map((i) => data.nodes[i].name).join(", ");

function title(step) {
  const node = data.nodes[step.node], sources = (step.edges ?? []).map((k) => data.edges[k][0]);
  if (step.phase === "forward") return `forward through ${node.sign}: ${names(sources)} → ${node.name}`;
  if (step.phase === "seed") return `the way back begins at ${node.name}`;
  if (step.phase === "backward") return `backward through ${node.sign}: ${node.name} → ${names(sources)}`;
  return data.steps.length > 1 ? "start: what is given" : "the graph";
}

// The start is no step, so that steps are counted as in the address.
const aloud = (n, step) => (n ? `Step ${n} of ${data.steps.length - 1}: ` : "") + title(step);

function show(n, { calm = false } = {}) {
  n = Math.min(Math.max(n, 0), data.steps.length - 1);
  state.step = n;
  const step = data.steps[n];
  if (location.protocol !== "about:")  // in a frame of a notebook there is no address
    history.replaceState(null, "", n ? `#step=${n}` : location.pathname + location.search);
  $("slider").value = n;
  $("slider").setAttribute("aria-valuetext", aloud(n, step));
  for (const [id, end] of [["first", 0], ["previous", 0], ["next", data.steps.length - 1], ["last", data.steps.length - 1]])
    close($(id), n === end);
  if (n === data.steps.length - 1) play(false);
  paint();
  mark(step);
  panel(step);
  quiz.ask(step);
  log(step);
  if (state.follow) move(step, calm);
}

// A control that cannot be used now; the focus, which would be lost with it, goes to the picture.
function close(control, closed) {
  if (closed && document.activeElement === control) $("stage").focus();
  control.disabled = closed;
}

// The numbers of a node, v3 or g3, that are known at this step.
function numbersNow(key, gradients = gradientsAfter(state.step)) {
  const i = key.slice(1);
  if (key[0] === "v") return (first[i] ?? 0) <= state.step ? data.numbers[key] : null;
  return data.numbers[gradients[i]] ?? null;
}

function paint() {
  const gradients = gradientsAfter(state.step);
  for (const i of data.nodes.keys())
    for (const key of [`v${i}`, `g${i}`]) picture.paint(key, numbersNow(key, gradients));
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
  told = null;
  $("phase").textContent = step.phase === "seed" ? "backward" : step.phase;
  $("phase").className = `badge ${step.phase}`;
  const last = data.steps.length - 1;
  $("count").textContent = state.step ? `step ${state.step} / ${last}` : last ? `${last} step${last === 1 ? "" : "s"}` : "";
  const line = data.nodes[step.node]?.line;
  $("line").textContent = line && step.phase !== "seed" ? `· ${line}` : "";
  $("title").textContent = title(step);
  $("step").replaceChildren(saidAt(state.step));
  for (const part of $("step").querySelectorAll("math, .symbols"))
    if (part.scrollWidth > part.clientWidth) part.setAttribute("tabindex", 0);  // so that keys scroll it
}

// For those who listen: what the panel shows, and the new numbers.
function log(step) {
  const keys = Object.entries(step.gradients ?? {}).map(([i, key]) => [`gradient of ${data.nodes[i].name}`, key]);
  if (step.phase === "forward") keys.push([data.nodes[step.node].name, `v${step.node}`]);
  const sentences = keys.filter(([, key]) => data.numbers[key]).map(([name, key]) => {
    const [rows, moreRows, moreColumns] = data.numbers[key];
    return `${name} is ${rows.map((row) => row.map(number).join(" ") + (moreColumns ? " …" : "")).join("; ")}${moreRows ? " …" : ""}`;
  });
  const formulas = quiz.hidden && quiz.question.kind === "formula" ? "" : $("step").querySelector(".said")?.textContent;
  const numbers = quiz.hidden ? quiz.aloud : sentences.join(". ");
  $("log").textContent = [aloud(state.step, step), formulas, numbers].filter(Boolean).join(". ") + ".";
}

function move(step, calm) {
  if (step.phase === "start") return picture.begin(calm);
  const sources = (step.edges ?? []).map((k) => modules.seen(data.edges[k][0]));
  const pill = modules.seen(step.node) === picture.cards[step.node] && picture.pills[step.node];
  picture.follow([modules.seen(step.node), pill, ...sources]);
}

// On paper: the whole picture, and what the panel says at every step.
function handout(printed) {
  const blocks = printed ? [...data.steps.keys()].map((n) => {
    const block = document.createElement("article"), heading = document.createElement("h2");
    heading.textContent = aloud(n, data.steps[n]);
    block.append(heading, saidAt(n));
    return block;
  }) : [];
  $("handout").replaceChildren(...blocks);
  show(printed ? data.steps.length - 1 : state.before, { calm: true });
  picture.print(printed);
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

// Search.

function search(next) {
  const query = $("search").value.trim().toLowerCase();
  const hits = query ? [...data.nodes.keys()].filter((i) => `${data.nodes[i].name} ${data.nodes[i].sign}`.toLowerCase().includes(query)) : [];
  for (const [i, card] of Object.entries(picture.cards)) card.classList.toggle("found", hits.includes(Number(i)));
  $("search").setAttribute("aria-invalid", String(!!query && !hits.length));
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
  quiz: () => (toggle("quiz", (quiz.on = !quiz.on)), show(state.step)),
  theme: () => theme(picture.theme === "dark" ? "light" : "dark"),
  modules: () => (modules.all(!modules.folded.size), state.follow && move(data.steps[state.step])),
  reveal: () => quiz.reveal(),
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
addEventListener("beforeprint", () => ((state.before = state.step), handout(true)));
addEventListener("afterprint", () => handout(false));
addEventListener("hashchange", () => show(stepOf(location.hash)));
dark.addEventListener("change", () => theme());
addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, select, textarea");
  if (event.altKey || event.ctrlKey || event.metaKey || typing) return;
  if (event.key === "/") return event.preventDefault(), $("search").focus();
  if (quiz.takes(event.key)) return;
  const id = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!id || (event.key === " " && event.target.closest?.("button")) || $(id).disabled) return;
  event.preventDefault();
  $(id).click();
});

const stepOf = (hash) => Number(/^#step=(\d{1,7})$/.exec(hash)?.[1] ?? 0);
