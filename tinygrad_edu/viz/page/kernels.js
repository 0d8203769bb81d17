// Arithmetic on arrays { shape, data }: what the operations compute, and nothing of how they are differentiated. The
// derivatives come as instructions, written by the rules of the library when they are run on symbols.

const sizeOf = (shape) => shape.reduce((a, b) => a * b, 1);
const filledArray = (shape, x) => ({ shape, data: new Float64Array(sizeOf(shape)).fill(x) });

// For every element of `shape` the place in an array of the shape `from`, which is repeated to it.
function places(from, shape) {
  const found = new Int32Array(sizeOf(shape)), steps = new Array(shape.length).fill(0);
  for (let i = from.length - 1, step = 1; i >= 0; step *= from[i--])
    steps[i + shape.length - from.length] = from[i] === 1 ? 0 : step;
  const index = new Array(shape.length).fill(0);
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
  const shape = dims.map((i) => x.shape[i]), steps = x.shape.map((_, i) => sizeOf(x.shape.slice(i + 1)));
  const data = new Float64Array(x.data.length), index = new Array(shape.length).fill(0);
  for (let n = 0; n < data.length; n++) {
    data[n] = x.data[index.reduce((at, k, i) => at + k * steps[dims[i]], 0)];
    for (let i = shape.length - 1; i >= 0 && ++index[i] === shape[i]; i--) index[i] = 0;
  }
  return { shape, data };
}

function cat(xs, dim) {
  const before = sizeOf(xs[0].shape.slice(0, dim)), parts = [];
  for (let i = 0; i < before; i++)
    for (const x of xs) parts.push(...x.data.slice((i * x.data.length) / before, ((i + 1) * x.data.length) / before));
  const shape = xs[0].shape.map((n, i) => (i === dim ? xs.reduce((sum, x) => sum + x.shape[dim], 0) : n));
  return { shape, data: Float64Array.from(parts) };
}

const maskOf = (f) => each((x, y) => Number(f(x, y)));
const K = {
  equal: maskOf((x, y) => x === y), not_equal: maskOf((x, y) => x !== y),
  greater: maskOf((x, y) => x > y), greater_equal: maskOf((x, y) => x >= y),
  less: maskOf((x, y) => x < y), less_equal: maskOf((x, y) => x <= y),
  sign: each(Math.sign), where: each((c, x, y) => (c ? x : y)),
  negative: each((x) => -x), exp: each(Math.exp), log: each(Math.log), log1p: each(Math.log1p), sqrt: each(Math.sqrt),
  sin: each(Math.sin), cos: each(Math.cos), tanh: each(Math.tanh), absolute: each(Math.abs),
  relu: each((x) => Math.max(x, 0)),
  sigmoid: each((x) => (x > 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)))),
  softplus: each((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  add: each((x, y) => x + y), subtract: each((x, y) => x - y), multiply: each((x, y) => x * y), divide: each((x, y) => x / y),
  power: each((x, y) => (x === 1 ? 1 : x ** y)), maximum: each(Math.max), minimum: each(Math.min),
  sum: reduced((a, b) => a + b, 0), amax: reduced(Math.max, -Infinity), amin: reduced(Math.min, Infinity),
  mean: (x, how) => {
    const total = K.sum(x, how);
    return K.divide(total, filledArray([], x.data.length / total.data.length));
  },
  logsumexp: (x, how) => {
    const top = each((y) => (Number.isFinite(y) ? y : 0))(K.amax(x, { ...how, keepdim: true }));
    const sum = K.log(K.sum(K.exp(K.subtract(x, top)), how));
    return K.add(sum, { ...top, shape: sum.shape });
  },
  log_softmax: (x, { dim }) => {
    const shifted = K.subtract(x, K.amax(x, { dims: [dim], keepdim: true }));
    return K.subtract(shifted, K.log(K.sum(K.exp(shifted), { dims: [dim], keepdim: true })));
  },
  softmax: (x, { dim }) => {
    const e = K.exp(K.subtract(x, K.amax(x, { dims: [dim], keepdim: true })));
    return K.divide(e, K.sum(e, { dims: [dim], keepdim: true }));
  },
  cross_entropy: (z, target, divisor, { dim }) => {
    const counted = each((t, lost) => (t === 0 ? 0 : t * lost))(target, K.log_softmax(z, { dim }));
    return K.divide(K.negative(K.sum(counted, {})), divisor);
  },
  reshape: (x, { shape }) => ({ ...x, shape }),
  expand: (x, { shape }) => ({ shape, data: Float64Array.from(places(x.shape, shape), (at) => x.data[at]) }),
  permute,
  cat: (...xs) => cat(xs.slice(0, -1), xs.at(-1).dim),
  take: (x, { shape, places: at }) => ({ shape, data: Float64Array.from(at, (place) => x.data[place]) }),
  scatter: (x, { shape, places: at }) => {
    const result = filledArray(shape, 0);
    at.forEach((place, n) => (result.data[place] += x.data[n]));
    return result;
  },
  matmul,
  linear: (x, w, b) => (b ? K.add(K.linear(x, w), b) : matmul(x, permute(w, { dims: [1, 0] }))),
  column_sums: (x) => K.sum(x, { dims: [0] }),
};

// What is in every slot after the instructions; `given` is in the first ones. Whatever an operation computes is
// rounded to the dtype, and so are plain numbers before they meet it, as NumPy does.
function run(lines, given, dtype) {
  const slots = [...given], rounded = dtype === "float32" ? (x) => ({ ...x, data: Float32Array.from(x.data) }) : (x) => x;
  for (const [name, inputs, settings] of lines) {
    const arrays = inputs.map((x) => (Array.isArray(x) ? rounded(filledArray([], Number(x[0]))) : slots[x]));
    slots.push(rounded(settings ? K[name](...arrays, settings) : K[name](...arrays)));
  }
  return slots;
}
