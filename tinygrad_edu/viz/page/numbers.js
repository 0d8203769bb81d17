// Numbers as texts and colours: what the Python side does, so that changed numbers look like the first ones.

// Rounded to `digits` decimals, exact ties to even as Python rounds; toFixed rounds them away from zero.
function fixed(x, digits) {
  const exact = Math.abs(x).toFixed(Math.min(digits + 60, 100));
  const cut = exact.length - Math.min(digits + 60, 100) + digits;
  const tie = /^50*$/.test(exact.slice(cut)) || (digits === 0 && /^\.50*$/.test(exact.slice(cut - 1)));
  const kept = exact.slice(0, cut).replace(/\.$/, "");
  const rounded = tie && Number(kept.at(-1)) % 2 === 0 ? kept : Math.abs(x).toFixed(digits);
  return (x < 0 ? "-" : "") + rounded;
}

// Three significant digits: the mantissa with two decimals, and the power of ten.
function scientific(x) {
  const [long, power] = Math.abs(x).toExponential(60).split("e");
  let [mantissa, shown] = [long.slice(0, 4), Number(power)];
  if (!/^50*$/.test(long.slice(4)) || Number(mantissa.at(-1)) % 2)
    [mantissa, shown] = Math.abs(x).toExponential(2).split("e");
  return [(x < 0 ? "-" : "") + mantissa, Number(shown)];
}

// `0.998`, `−13.3`, `7.46e−4`, `NaN`, `∞`; zeros at the end only where digits were rounded away.
function number(x) {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  if (Number.isInteger(x) && (x === 0 || Math.abs(x) < 1e5)) return String(x).replace("-", "−");
  let [mantissa, power] = scientific(x);
  const exact = Number(`${mantissa}e${power}`) === x;
  if (power > -4 && power < 5) [mantissa, power] = [fixed(x, Math.max(2 - power, 0)), 0];
  if (exact && mantissa.includes(".")) mantissa = mantissa.replace(/0+$/, "").replace(/\.$/, "");
  return (mantissa + (power ? `e${power}` : "")).replaceAll("-", "−");
}

// The size of the last digit that is shown of `x`.
function lastDigit(x) {
  if (x === 0 || !Number.isFinite(x)) return 0;
  const power = scientific(x)[1];
  return 10 ** (power > -4 && power < 5 ? Math.min(power - 2, 0) : power - 2);
}

const rgb = (colour) => [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));

// The colour of `x` among numbers of at most the size `scale`; `colours` are those of negative, zero and positive.
function heat(x, scale, colours) {
  const share = scale > 0 ? Math.min(Math.abs(x) / scale, 1) ** 0.75 : 0;
  const zero = rgb(colours[1]), end = rgb(colours[x > 0 ? 2 : 0]);
  const mixed = zero.map((a, i) => Math.round(a + (end[i] - a) * share));
  return "#" + mixed.map((c) => c.toString(16).padStart(2, "0")).join("").toUpperCase();
}

// Black or white, whichever is easier to read on `colour`.
function inkOn(colour) {
  const parts = rgb(colour).map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  const luminance = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  return (luminance + 0.05) ** 2 > 0.0525 ? "#000000" : "#FFFFFF";
}

// The cells of an array, as Python chooses them: small ones whole, of others a corner and a summary.
const MAX_SIDE = 6, CORNER_SIDE = 4;
function cellsOf({ shape, data }) {
  const wide = shape.length ? shape.at(-1) : 1, high = shape.length > 1 ? shape.at(-2) : 1;
  const rows = high > MAX_SIDE ? CORNER_SIDE : high, columns = wide > MAX_SIDE ? CORNER_SIDE : wide;
  const grid = Array.from({ length: rows }, (_, i) => Array.from(data.slice(i * wide, i * wide + columns)));
  const finite = data.filter(Number.isFinite);
  let low = Infinity, top = -Infinity, total = 0;
  for (const x of finite) (low = Math.min(low, x)), (top = Math.max(top, x)), (total += x);
  const partial = rows < high || columns < wide || high * wide < data.length;
  const notes = [];
  if (partial && high * wide < data.length) notes.push(`first of ${data.length / (high * wide)}`);
  if (partial && finite.length)
    notes.push(`min ${number(low)}`, `mean ${number(total / finite.length)}`, `max ${number(top)}`);
  if (partial && finite.length < data.length) notes.push(`${data.length - finite.length} NaN or ∞`);
  const scale = finite.length ? Math.max(-low, top) : 0;
  return [grid, +(rows < high), +(columns < wide), scale, notes.join(" · ")];
}
