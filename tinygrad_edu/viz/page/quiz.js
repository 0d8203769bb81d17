// Quiz: new numbers are hidden until the reader has predicted one of them, or asks to see them.

const RESULTS = ".numbers:not(.running) > math:last-child, .running > math";

class Quiz {
  constructor() {
    Object.assign(this, { on: false, hidden: false, questions: [], first: new Map() });
    $("check").addEventListener("click", () => this.check());
    $("asked").addEventListener("change", () => this.point());
    $("guess").addEventListener("keydown", ({ key }) => {
      if (key === "Enter") this.check();
      if (key === "Escape") stage.focus();
    });
  }

  // The numbers that this step brings: of each its grid, its row and column, the number, and the largest one near it.
  questionsOf(step) {
    const brought = Object.entries(step.gradients ?? {}).map(([i, key]) => [`g${i}`, key, `∂${data.nodes[end].name}/∂${data.nodes[i].name}`]);
    if (step.phase === "forward") brought.push([`v${step.node}`, `v${step.node}`, data.nodes[step.node].name]);
    return brought.flatMap(([grid, key, name]) => {
      const [rows, , , scale] = data.numbers[key] ?? [[]];
      return rows.flatMap((numbers, row) => numbers.map((x, column) => {
        const place = [rows.length > 1 && `row ${row}`, numbers.length > 1 && `column ${column}`].filter(Boolean).join(", ");
        return { grid, row, column, x, scale, name: `${name} ${place}`.trim() };
      }));
    });
  }

  // Ask about a step, or show what it brings.
  ask(step) {
    this.questions = this.on && seenWhole(step) ? this.questionsOf(step) : [];
    this.hidden = this.questions.length > 0;
    $("asked").replaceChildren(...this.questions.map(({ name }, value) => new Option(name, value)));
    $("asked").value = Math.max(this.questions.findIndex(({ x }) => x !== 0 && Number.isFinite(x)), 0);
    $("guess").value = "";
    $("verdict").textContent = this.score;
    this.cover();
  }

  cover() {
    document.querySelectorAll(".hidden-numbers").forEach((x) => (x.classList.remove("hidden-numbers"), x.removeAttribute("aria-hidden")));
    this.point();
    $("quiz-box").hidden = !this.on;
    $("question").hidden = !this.hidden;
    $("what-if").hidden = this.hidden || !state.machine;  // it tells the loss
    if (!this.hidden) return;
    const covered = [...new Set(this.questions.map(({ grid }) => picture.grids[grid]?.group)), ...$("step").querySelectorAll(RESULTS)];
    for (const part of covered) part?.classList.add("hidden-numbers"), part?.setAttribute("aria-hidden", true);
  }

  // The cell that is asked for.
  cellOf({ grid: key, row, column }) {
    const grid = picture.grids[key];
    return grid?.cells[cellAt(grid, row, column)] ?? [];
  }

  point() {
    document.querySelectorAll(".asked").forEach((x) => x.classList.remove("asked"));
    if (this.hidden) this.cellOf(this.questions[$("asked").value])[1]?.classList.add("asked");
  }

  check() {
    const question = this.questions[$("asked").value], guess = readNumber($("guess").value);
    if (guess === null) return this.say("Write a number, such as −0.167, 1.5e−3 or 1/6.");
    const right = agrees(guess, question);
    if (!this.first.has(state.step)) this.first.set(state.step, right);
    if (!right) return this.say(`Not ${number(guess)}. ${hint(guess, question, this.questions)}`);
    this.reveal();
    this.say(`Right: ${question.name} = ${number(question.x)}.`);
    stage.focus();
  }

  say(words) {
    $("verdict").textContent = `${words} ${this.score}`;
  }

  get score() {
    const right = [...this.first.values()].filter(Boolean).length;
    return this.first.size ? `Right at the first try: ${right} of ${this.first.size}.` : "";
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
    const asked = this.hidden ? this.questions.filter(({ grid }) => grid.slice(1) === String(i)) : [];
    const found = asked.find((question) => this.cellOf(question).includes(part));
    if (found) $("asked").value = this.questions.indexOf(found), this.point();
    if (asked.length) $("guess").focus();
    return asked.length > 0;
  }
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

// What may have gone wrong, if it is plain to see.
function hint(guess, { x, scale }, questions) {
  const other = questions.find((question) => agrees(guess, question));
  if (other) return `That would be right for ${other.name}.`;
  if (agrees(-guess, { x, scale })) return "Only the sign is wrong.";
  const factor = Math.round(Math.abs(guess) > Math.abs(x) ? guess / x : x / guess);
  const larger = Math.abs(guess) > Math.abs(x);
  if (Number.isFinite(factor) && factor > 1 && factor <= 1000 && agrees(larger ? guess / factor : guess * factor, { x, scale }))
    return `It is ${factor} times too ${larger ? "large" : "small"}.`;
  return "Try again, or show the numbers.";
}
