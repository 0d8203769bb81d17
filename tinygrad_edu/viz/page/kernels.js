// Arithmetic on arrays { shape, data }. Which operations there are, and how they are differentiated, is not known here:
// the page brings the kernels that it needs (KERNELS), and derivatives as instructions, written by the rules of the
// library when they are run on symbols.

const sizeOf = (shape) => shape.reduce((a, b) => a * b, 1);
const filledArray = (shape, x) => ({ shape, data: new Float64Array(sizeOf(shape)).fill(x) });

// The places reached by these steps along the dimensions of `shape`, row by row.
function walked(shape, steps) {
  const found = new Int32Array(sizeOf(shape)), index = new Array(shape.length).fill(0);
  for (let n = 0, at = 0; n < found.length; n++) {
    found[n] = at;
    for (let i = shape.length - 1; i >= 0; i--) {
      at += steps[i];
      if (++index[i] < shape[i]) break;
      at -= steps[i] * shape[i];
      index[i] = 0;
    }
  }
  return found;
}

const stepsOf = (shape) => shape.map((_, i) => sizeOf(shape.slice(i + 1)));

// For every element of `shape` the place in an array of the shape `from`, which is repeated to it.
function places(from, shape) {
  const steps = stepsOf(from).map((step, i) => (from[i] === 1 ? 0 : step));
  return walked(shape, [...new Array(shape.length - from.length).fill(0), ...steps]);
}

function shapeOfAll(arrays) {
  const length = Math.max(...arrays.map((x) => x.shape.length));
  const sizes = arrays.map((x) => [...new Array(length - x.shape.length).fill(1), ...x.shape]);
  return Array.from({ length }, (_, i) => sizes.map((s) => s[i]).reduce((a, b) => (a === 1 ? b : a)));
}

// f on each number by itself.
const each = (f) => (...arrays) => {
  const shape = shapeOfAll(arrays), where = arrays.map((x) => places(x.shape, shape));
  const data = new Float64Array(sizeOf(shape));
  for (let n = 0; n < data.length; n++) data[n] = f(...arrays.map((x, i) => x.data[where[i][n]]));
  return { shape, data };
};

// Numbers that go into one, put together two at a time.
const reduced = (f, start) => (x, { dims = null, keepdim = false }) => {
  const kept = x.shape.map((n, i) => (dims === null || dims.includes(i) ? 1 : n));
  const result = filledArray(kept, start), where = places(kept, x.shape);
  x.data.forEach((value, n) => (result.data[where[n]] = f(result.data[where[n]], value)));
  return keepdim ? result : { ...result, shape: x.shape.filter((_, i) => kept[i] !== 1 || !(dims === null || dims.includes(i))) };
};

// The numbers along `dim`, each put together with the result before it.
const scanned = (f) => (x, { dim }) => {
  const size = x.shape[dim], after = sizeOf(x.shape.slice(dim + 1)), data = Float64Array.from(x.data);
  data.forEach((value, n) => { if (Math.floor(n / after) % size) data[n] = f(data[n - after], value); });
  return { ...x, data };
};

function recurrence(links, x, { dim }) {
  const size = x.shape[dim], after = sizeOf(x.shape.slice(dim + 1)), data = Float64Array.from(x.data);
  data.forEach((value, n) => {
    const before = Math.floor(n / (after * size)) + 1; // links left out, one for each row
    if (Math.floor(n / after) % size) data[n] = value + links.data[n - before * after] * data[n - after];
  });
  return { ...x, data };
}

function matmul(x, y) {
  const [wide, tall] = [x.shape.length === 1 ? [1, ...x.shape] : x.shape, y.shape.length === 1 ? [...y.shape, 1] : y.shape];
  const [rows, inner, columns] = [wide.at(-2), wide.at(-1), tall.at(-1)];
  const stack = shapeOfAll([{ shape: wide.slice(0, -2) }, { shape: tall.slice(0, -2) }]);
  const [left, right] = [places(wide.slice(0, -2), stack), places(tall.slice(0, -2), stack)];
  const result = filledArray([...stack, rows, columns], 0);
  for (let s = 0, n = 0; s < left.length; s++)
    for (let i = 0; i < rows; i++)
      for (let k = 0; k < columns; k++, n++)
        for (let j = 0; j < inner; j++)
          result.data[n] += x.data[(left[s] * rows + i) * inner + j] * y.data[(right[s] * inner + j) * columns + k];
  const shape = [...stack, ...(x.shape.length === 1 ? [] : [rows]), ...(y.shape.length === 1 ? [] : [columns])];
  return { shape, data: result.data };
}

function permute(x, { dims }) {
  const shape = dims.map((i) => x.shape[i]), steps = stepsOf(x.shape);
  return { shape, data: Float64Array.from(walked(shape, dims.map((i) => steps[i])), (place) => x.data[place]) };
}

// The shape of all windows of an array, and the places of their numbers in it.
function windowsOf(shape, { size, stride, dilation }) {
  const first = shape.length - size.length, kept = shape.slice(0, first), steps = stepsOf(shape), last = steps.slice(first);
  const counts = size.map((k, i) => Math.floor((shape[first + i] - dilation[i] * (k - 1) - 1) / stride[i]) + 1);
  const whole = [...kept, ...size, ...counts], moved = [dilation, stride].flatMap((by) => last.map((step, i) => step * by[i]));
  return { shape: whole, places: walked(whole, [...steps.slice(0, first), ...moved]) };
}

function windows(x, how) {
  const { shape, places } = windowsOf(x.shape, how);
  return { shape, data: Float64Array.from(places, (place) => x.data[place]) };
}

const overlapAdd = (x, { shape, ...how }) => scatter(x, { shape, places: windowsOf(shape, how).places });
const unpool = (x, { shape, places }) => put(filledArray(shape, 0), x, { places });

function cat(...parts) {
  const { dim } = parts.pop(), xs = parts;
  const before = sizeOf(xs[0].shape.slice(0, dim)), joined = [];
  for (let i = 0; i < before; i++)
    for (const x of xs) joined.push(...x.data.slice((i * x.data.length) / before, ((i + 1) * x.data.length) / before));
  const shape = xs[0].shape.map((n, i) => (i === dim ? xs.reduce((sum, x) => sum + x.shape[dim], 0) : n));
  return { shape, data: Float64Array.from(joined) };
}

function put(x, v, { places: at }) {
  const result = { shape: x.shape, data: x.data.slice() };
  at.forEach((place, n) => (result.data[place] = v.data[v.data.length === 1 ? 0 : n]));
  return result;
}

function extremeAt(x, v, { places: at, least }) {
  const result = { shape: x.shape, data: x.data.slice() }, f = least ? Math.min : Math.max;
  at.forEach((place, n) => (result.data[place] = f(result.data[place], v.data[n])));
  return result;
}

function lastWrites(x, { places: at }) {
  const last = new Map(at.map((place, n) => [place, n]));
  return { shape: x.shape, data: x.data.map((value, n) => (last.get(at[n]) === n ? value : 0)) };
}

function scatter(x, { shape, places: at }) {
  const result = filledArray(shape, 0);
  at.forEach((place, n) => (result.data[place] += x.data[n]));
  return result;
}

// exp of numbers less the greatest, as exp of a large number would overflow; its sum, and that greatest number.
const added = reduced((a, b) => a + b, 0), lessened = each((x, y) => x - y), divided = each((x, y) => x / y);
function exponentials(x, dims) {
  const how = { dims, keepdim: true };
  const top = each((y) => (Number.isFinite(y) ? y : 0))(reduced(Math.max, -Infinity)(x, how));
  const e = each(Math.exp)(lessened(x, top));
  return { top, e, total: added(e, how) };
}

function softmax(x, { dim }) {
  const { e, total } = exponentials(x, [dim]);
  return divided(e, total);
}

function log_softmax(x, { dim }) {
  const { top, total } = exponentials(x, [dim]);
  return lessened(lessened(x, top), each(Math.log)(total));
}

function logsumexp(x, { dims, keepdim }) {
  const { top, total } = exponentials(x, dims);
  const result = each((a, b) => Math.log(a) + b)(total, top);
  return keepdim ? result : added(result, { dims, keepdim });
}

function standardize(x, { dims, eps }) {
  const how = { dims, keepdim: true }, count = x.data.length / added(x, how).data.length;
  const mean = (y) => each((a) => a / count)(added(y, how));
  const distance = lessened(x, mean(x)), variance = mean(each((a) => a * a)(distance));
  return each((d, v) => d / Math.sqrt(v + eps))(distance, variance);
}

function oneHot(x, { classes, dim }) {
  const inner = x.shape.slice(dim).reduce((a, b) => a * b, 1);
  const result = filledArray([...x.shape.slice(0, dim), classes, ...x.shape.slice(dim)], 0);
  x.data.forEach((number, n) => {
    const place = (Math.floor(n / inner) * classes + number) * inner + (n % inner);
    if (number >= 0 && number < classes) result.data[place] = 1;
  });
  return result;
}

function classCrossEntropy(z, numbers, { dim }) {
  const rows = oneHot(numbers, { classes: z.shape[dim], dim });
  return crossEntropy(z, rows, added(rows, {}), { dim });
}

function crossEntropy(z, target, divisor, { dim }) {
  const counted = each((t, log) => (t === 0 ? 0 : -t * log))(target, log_softmax(z, { dim }));
  return divided(added(counted, {}), divisor);
}

// The arrays in every slot after the instructions; the `leaves` are in the first ones. Whatever an operation computes is
// rounded to the dtype, and so are plain numbers before they meet it, as NumPy does.
function run(lines, leaves, dtype) {
  const slots = [...leaves], rounded = dtype === "float32" ? (x) => ({ ...x, data: Float32Array.from(x.data) }) : (x) => x;
  for (const [name, inputs, settings] of lines) {
    const arrays = inputs.map((x) => (Array.isArray(x) ? rounded(filledArray([], Number(x[0]))) : slots[x]));
    slots.push(rounded(settings ? KERNELS[name](...arrays, settings) : KERNELS[name](...arrays)));
  }
  return slots;
}
