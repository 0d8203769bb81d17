// Quiz: what a step brings is hidden until the reader has predicted it, or asks to see it. A question asks for a number,
// or has three answers to choose from: for a formula, a sign or a shape.

const RESULTS = ".numbers:not(.running) > math:last-child, .running > math";
const HIDDEN = { formula: ".symbols, .numbers, .code, .remark" };  // what is hidden in the panel, if not the results

class Quiz {
  constructor() {
    Object.assign(this, { on: false, hidden: false, questions: [], first: new Map() });
    $("check").addEventListener("click", () => this.check());
    $("asked").addEventListener("change", () => (this.cover(), log(data.steps[state.step])));
    $("guess").addEventListener("keydown", ({ key }) => {
      if (key === "Enter") this.check();
      if (key === "Escape") stage.focus();
    });
  }

  get question() {
    return this.questions[$("asked").value];
  }

  // The questions about a step of every kind that it has.
  questionsOf(step) {
    const numbers = numbersOf(step), computable = step.phase === "seed" || step.answerable === "place" || (step.answerable && seenWhole(step));
    return [...(computable ? numbers : []), ...formulasOf(step), ...(computable ? signsOf(step, numbers) : []), ...shapesOf(step)];
  }

  // Ask about a step, or show what it brings. The kinds of questions take turns.
  ask(step) {
    this.questions = this.on ? this.questionsOf(step) : [];
    this.hidden = this.questions.length > 0;
    $("asked").replaceChildren(...this.questions.map(({ name }, value) => new Option(name, value)));
    const kinds = [...new Set(this.questions.map(({ kind }) => kind))], kind = kinds[state.step % kinds.length];
    const fit = this.questions.filter((question) => question.kind === kind);
    const chosen = kind === "number" ? fit.find(({ x }) => x !== 0 && Number.isFinite(x)) ?? fit[0] : fit[state.step % fit.length];
    $("asked").value = Math.max(this.questions.indexOf(chosen), 0);
    $("verdict").textContent = this.score;
    this.cover();
  }

  cover() {
    document.querySelectorAll(".hidden-numbers").forEach((x) => (x.classList.remove("hidden-numbers"), x.removeAttribute("aria-hidden")));
    $("guess").value = "";
    this.point();
    $("quiz-box").hidden = !this.on;
    $("question").hidden = !this.hidden;
    $("what-if").hidden = this.hidden || !state.machine;  // it tells the loss
    if (!this.hidden) return delete $("step").dataset.asked;
    const { kind, choices = [] } = this.question, step = data.steps[state.step];
    $("step").dataset.asked = kind;
    $("typed").hidden = kind !== "number";
    $("choices").replaceChildren(...choices.map((choice, n) => this.button(choice, n)));
    const grids = new Set(numbersOf(step).map(({ grid }) => picture.grids[grid]?.group));
    const labels = kind === "formula" ? step.edges.map((k) => picture.locals[k]) : [];
    const covered = [...grids, ...labels, ...$("step").querySelectorAll(HIDDEN[kind] ?? RESULTS)];
    for (const part of covered) part?.classList.add("hidden-numbers"), part?.setAttribute("aria-hidden", true);
  }

  // True if a number is asked for, or what is asked for could be told from it.
  hides(key) {
    return this.hidden && numbersOf(data.steps[state.step]).some(({ grid }) => grid === key);
  }

  button({ text, math }, n) {
    const button = document.createElement("button"), key = Object.assign(document.createElement("kbd"), { textContent: n + 1 });
    button.append(key, math ?? text);
    button.setAttribute("aria-label", `${n + 1}: ${text}`);
    button.addEventListener("click", () => this.choose(n));
    return button;
  }

  // The cell that is asked for.
  cellOf({ grid: key, row, column }) {
    const grid = picture.grids[key];
    return grid?.cells[cellAt(grid, row, column)] ?? [];
  }

  point() {
    document.querySelectorAll(".asked").forEach((x) => x.classList.remove("asked"));
    if (this.hidden) this.cellOf(this.question)[1]?.classList.add("asked");
  }

  check() {
    const question = this.question, guess = readNumber($("guess").value);
    if (guess === null) return this.say("Write a number, such as −0.167, 1.5e−3 or 1/6.");
    const right = agrees(guess, question);
    this.judge(right, right ? `${question.name} = ${number(question.x)}.` : `Not ${number(guess)}. ${hint(guess, question, this.questions)}`);
  }

  choose(n) {
    const { name, choices } = this.question, { right, text, reason } = choices[n];
    if (!right) $("choices").children[n].classList.add("wrong");
    this.judge(right, right ? `${name} is ${text}.` : `Not ${text}. ${reason}`);
  }

  judge(right, words) {
    if (!this.first.has(state.step)) this.first.set(state.step, right);
    if (!right) return this.say(words);
    this.reveal();
    this.say(`Right: ${words}`);
    stage.focus();
  }

  // A key that begins a guess or is an answer; whether it was one.
  takes(key) {
    if (!this.hidden || !/^[-−.\d]$/.test(key)) return false;
    if (this.question.kind === "number") $("guess").focus();  // which then takes the key
    else $("choices").children[key - 1]?.click();
    return true;
  }

  say(words) {
    $("verdict").textContent = `${words} ${this.score}`;
  }

  get score() {
    const right = [...this.first.values()].filter(Boolean).length;
    return this.first.size ? `Right at the first try: ${right} of ${this.first.size}.` : "";
  }

  // The question for those who listen.
  get aloud() {
    const { name, choices } = this.question;
    const how = choices ? `choose ${choices.map(({ text }, n) => `${n + 1}: ${text}`).join("; ")}` : "type a guess";
    return `Predict ${name}: ${how}, or press R to hear it`;
  }

  reveal() {
    if (!this.hidden) return;
    this.hidden = false;
    if ($("question").contains(document.activeElement)) stage.focus();
    this.cover();
    log(data.steps[state.step]);
  }

  // Whether a card has numbers that are asked for; `part` of it, if it is one of their cells, is then the question.
  picks(i, part) {
    const asked = this.hidden ? this.questions.filter(({ kind, grid }) => kind === "number" && grid.slice(1) === String(i)) : [];
    const found = asked.find((question) => this.cellOf(question).includes(part)) ?? (asked.includes(this.question) ? null : asked[0]);
    if (found) $("asked").value = this.questions.indexOf(found), this.cover();
    if (asked.length) $("guess").focus();
    return asked.length > 0;
  }
}

// The numbers that a step brings: of each its grid, its row and column, the number, and the largest one near it.
function numbersOf(step) {
  const brought = Object.entries(step.gradients ?? {}).map(([i, key]) => [`g${i}`, key, derivative(i)]);
  if (step.phase === "forward") brought.push([`v${step.node}`, `v${step.node}`, data.nodes[step.node].name]);
  return brought.flatMap(([grid, key, name]) => {
    const [rows, , , scale] = data.numbers[key] ?? [[]];
    return rows.flatMap((numbers, row) => numbers.map((x, column) => {
      const place = [rows.length > 1 && `row ${row}`, numbers.length > 1 && `column ${column}`].filter(Boolean).join(", ");
      return { kind: "number", grid, key, row, column, x, scale, name: `${name} ${place}`.trim() };
    }));
  });
}

const derivative = (i) => `∂${data.nodes[end].name}/∂${data.nodes[i].name}`;
const turned = (items, by) => items.map((_, n) => items[(n + by) % items.length]);

// Which of three formulas a gradient has here. They differ in the numbers of the program, not always in those of a what-if.
function formulasOf(step) {
  const results = [...$("step").querySelectorAll(".result")];
  return state.machine?.changed.size ? [] : results.flatMap((result, line) => {
    const choices = [...result.querySelectorAll(".choices > li")].map((item, n) => {
      const [text, reason] = ["span", "p"].map((part) => item.querySelector(part).textContent);
      return { right: !n, text, reason, math: n ? item.querySelector("math").cloneNode(true) : rightSide(result) };
    });
    const use = result.querySelector(".use") ? ` by its ${result.querySelector(".use").textContent}` : "";
    const name = `the formula of ${derivative(data.edges[step.edges?.[line]]?.[0] ?? step.node)}${use}`;
    return choices.length ? [{ kind: "formula", name, choices: turned(choices, state.step + line) }] : [];
  });
}

function rightSide(result) {
  const math = result.querySelector("math").cloneNode(true);
  while (math.firstChild.localName !== "mo") math.firstChild.remove();
  math.firstChild.remove();  // the equals sign
  math.removeAttribute("display");
  return math;
}

// The sign of one number of each gradient that is clearly positive, negative or zero.
function signsOf(step, numbers) {
  const clear = numbers.filter(({ grid, x, scale }) => grid[0] === "g" && Number.isFinite(x) && (x === 0 || Math.abs(x) > 1e-9 * scale));
  return [...new Set(clear.map(({ grid }) => grid))].map((grid) => {
    const those = clear.filter((question) => question.grid === grid), question = those[state.step % those.length];
    const choices = [["positive", 1], ["negative", -1], ["zero", 0]].map(([text, sign]) => ({ text, right: Math.sign(question.x) === sign, reason: signReason(step, question) }));
    return { ...question, kind: "sign", name: `the sign of ${question.name}`, choices };
  });
}

// Why a number of a gradient has its sign, if it is one product.
function signReason(step, { grid, key, row, column, x }) {
  const [rows] = data.numbers[`g${step.node}`] ?? [[]], g = rows[row]?.[column] ?? (rows.length === 1 ? rows[0][0] : NaN), from = derivative(step.node);
  const single = step.answerable === "place" && key === grid && !$("step").querySelector(".running");
  if (!single || Number.isNaN(g) || step.phase === "seed") return "Put the numbers into the formula, and add up its products.";
  if (g === 0) return `The chain rule multiplies, and ${from} is 0 there.`;
  if (x === 0) return "The chain rule multiplies, and the local derivative is 0 there.";
  const local = x / g > 0 ? "positive" : "negative";
  return `The chain rule multiplies: ${from} is ${number(g)} there, the local derivative is ${local}, and two ${x / g > 0 === g > 0 ? "equal signs make plus" : "different signs make minus"}.`;
}

const shapeText = (shape) => (shape.length > 1 ? shape.join("×") : shape.length ? `(${shape[0]},)` : "a single number");

// The shape of each gradient; wrong answers are the shapes of what is near, and those of its parts.
function shapesOf(step) {
  if (step.phase !== "backward" || ["folded", "module"].includes(data.nodes[step.node].kind)) return [];
  return Object.keys(step.gradients ?? {}).filter((i) => data.nodes[i].shape.length).map((i) => {
    const { name, shape } = data.nodes[i], why = `∂${data.nodes[end].name}/∂${name} has one number for each number of ${name}, so the shape of ${name}.`;
    const near = [step.node, ...step.edges.map((k) => data.edges[k][0])].map((at) => [data.nodes[at].shape, `That is the shape of ${data.nodes[at].name}. ${why}`]);
    const parts = [shape.toReversed(), [], shape.slice(0, -1), [1, ...shape]].map((other) => [other, why]);
    const choices = new Map([[shapeText(shape), { right: true }]]);
    for (const [other, reason] of [...near, ...parts]) {
      const text = shapeText(other);
      if (choices.size < 3 && !choices.has(text)) choices.set(text, { right: false, reason });
    }
    return { kind: "shape", name: `the shape of ${derivative(i)}`, choices: turned([...choices].map(([text, choice]) => ({ text, ...choice })), state.step) };
  });
}

// Whether all numbers that a step computes with are on the screen: sides of at most MAX_SIDE, so short sums of products.
function seenWhole(step) {
  const sources = (step.edges ?? []).map((k) => `v${data.edges[k][0]}`), back = step.phase === "backward" ? [`g${step.node}`] : [];
  return [...sources, ...back].every((key) => data.numbers[key] && !data.numbers[key][1] && !data.numbers[key][2]);
}

// What somebody typed, a fraction too; null if it is no number.
function readNumber(typed) {
  const parts = typed.trim().replaceAll("−", "-").replace("∞", "Infinity").split("/");
  const numbers = parts.map((part) => (/^nan$/i.test(part) ? NaN : /\d|inf/i.test(part) ? Number(part.replace(/inf(inity)?/i, "Infinity")) : null));
  if (parts.length > 2 || numbers.some((x, i) => x === null || (Number.isNaN(x) && !/nan/i.test(parts[i])))) return null;
  return numbers.reduce((x, y) => x / y);
}

// Whether a guess is right in every digit that the page shows, or both are nothing beside the other numbers.
const agrees = (guess, { x, scale }) =>
  number(guess) === number(x) || Math.abs(guess - x) <= Math.max(lastDigit(x) / 2, 1e-9 * scale);

// What may have gone wrong, if it is plain to see; else the formula to be used.
function hint(guess, question, questions) {
  const { x, scale, grid } = question;
  const other = questions.find((one) => one.kind === "number" && agrees(guess, one));
  if (other) return `That would be right for ${other.name}.`;
  if (agrees(-guess, { x, scale })) return "Only the sign is wrong.";
  const taken = takenFor(guess, question);
  if (taken) return taken;
  const factor = Math.round(Math.abs(guess) > Math.abs(x) ? guess / x : x / guess);
  const larger = Math.abs(guess) > Math.abs(x);
  if (Number.isFinite(factor) && factor > 1 && factor <= 1000 && agrees(larger ? guess / factor : guess * factor, { x, scale }))
    return `It is ${factor} times too ${larger ? "large" : "small"}.`;
  const rules = $("step").querySelector(".said")?.textContent.split("; ") ?? [];
  const fit = grid[0] === "v" ? rules : rules.filter((line) => line.startsWith(`${derivative(grid.slice(1))} `));
  return fit.length ? `Put the numbers into ${fit.join("; ")}.` : "Try again, or show the numbers.";
}

// What stands at the place of the number that is asked for, and was taken for it.
function takenFor(guess, { row, column }) {
  const step = data.steps[state.step], back = step.phase === "backward", sources = (step.edges ?? []).map((k) => data.edges[k][0]);
  const near = sources.map((i) => [`v${i}`, `${data.nodes[i].name} itself`]);
  if (back) near.unshift([`g${step.node}`, `the gradient from above, ${derivative(step.node)}, without the local derivative`]);
  for (const [key, name] of near) {
    const rows = data.numbers[key]?.[0] ?? [], x = rows[row]?.[column] ?? (rows.length === 1 && rows[0].length === 1 ? rows[0][0] : 0);
    if (x !== 0 && number(guess) === number(x)) return `That is ${name}.`;
  }
}
