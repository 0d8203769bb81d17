// What the panel says at a step: a section that steps of its kind share, with the names and numbers of this one.

const NAMES = 0xf0000, GRADIENTS = 0x100000, PRIVATE = /[\u{f0000}-\u{10ffff}]/u, EACH_PRIVATE = new RegExp(PRIVATE, "gu");
const MATH = "http://www.w3.org/1998/Math/MathML";
const sections = [...$("steps").content.children], symbols = [...($("names-in-formulas").content.firstElementChild?.children ?? [])];

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

const symbolOf = data.nodes.map((_, i) => i);  // which of the symbols stands for a node

const saidAt = (n) => saidIn(data.steps[n]);

// What is said at a step: its section with the names and numbers of this step in their places.
function saidIn({ section, names = [], keys = [] }) {
  const said = sections[section]?.cloneNode(true) ?? document.createElement("section");
  const texts = document.createTreeWalker(said, NodeFilter.SHOW_TEXT), places = [];
  while (texts.nextNode()) if (PRIVATE.test(texts.currentNode.data)) places.push(texts.currentNode);
  for (const text of places) {
    const name = (place) => data.nodes[names[place]].name, inCode = text.parentNode.closest(".code");
    if (text.parentNode.localName === "mi") text.parentNode.replaceWith(symbols[symbolOf[names[text.data.codePointAt() - NAMES]]].cloneNode(true));
    else text.data = text.data.replace(EACH_PRIVATE, (sign) => {
      const at = sign.codePointAt(), isGradient = at >= GRADIENTS, place = at - (isGradient ? GRADIENTS : NAMES);
      return inCode ? data.variables[names[place]][+isGradient] : name(place);
    });
  }
  for (const place of said.querySelectorAll("[data-number]")) {
    place.dataset.number = keys[place.dataset.number];
    fill(place);
  }
  return said;
}
