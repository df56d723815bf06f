/* The cells in plain numbers, in PyTorch's convention: rows (r, z, n) for the GRU, (i, f, g, o) for the LSTM. */

export const sigmoid = (a) => 1 / (1 + Math.exp(-a));

/** One step of one GRU unit.  w: the twelve numbers w_ir ... b_hn.  options: writes (z writes instead of keeps), before
(the reset acts before the product), r and z to hold a gate at a value. */
export function gruUnit(x, h, w, { writes = false, before = false, r: heldR = null, z: heldZ = null } = {}) {
  const r = heldR ?? sigmoid(w.ir * x + w.bir + w.hr * h + w.bhr);
  const z = heldZ ?? sigmoid(w.iz * x + w.biz + w.hz * h + w.bhz);
  const fromState = before ? w.hn * (r * h) + w.bhn : r * (w.hn * h + w.bhn);
  const n = Math.tanh(w.in * x + w.bin + fromState);
  return { r, z, n, h: writes ? (1 - z) * h + z * n : (1 - z) * n + z * h };
}

/** A sequence through one unit: arrays r, z, n, h of one value a step. */
export function runUnit(xs, h0, w, options) {
  const found = { r: [], z: [], n: [], h: [] };
  let h = h0;
  for (const x of xs) {
    const step = gruUnit(x, h, w, options);
    for (const name in found) found[name].push(step[name]);
    h = step.h;
  }
  return found;
}

/** The product of a matrix, a flat array of rows, with a vector; `scale` multiplies the matrix. */
export function times(matrix, vector, scale = 1) {
  const size = vector.length;
  const out = new Float64Array(matrix.length / size);
  for (let row = 0, at = 0; row < out.length; row++) {
    let sum = 0;
    for (let column = 0; column < size; column++) sum += matrix[at++] * vector[column];
    out[row] = scale * sum;
  }
  return out;
}

/** The product of the transposed matrix with a vector, added to `out`. */
export function addBack(out, matrix, vector, scale = 1) {
  const size = out.length;
  for (let row = 0, at = 0; row < vector.length; row++) {
    const factor = scale * vector[row];
    for (let column = 0; column < size; column++) out[column] += matrix[at++] * factor;
  }
  return out;
}

/* Layers without input weights: `inputs` holds, for each step, what the input and the biases add to each row. */

/** Norms of the gradient of u·h_T with respect to h_(T - k), k = 0 ... T, through a plain recurrent layer. */
export function rnnNorms(inputs, W, u, scale) {
  const states = [];
  let h = new Float64Array(u.length);
  for (const a of inputs) states.push((h = times(W, h, scale).map((s, j) => Math.tanh(s + a[j]))));
  return back(states, u, (grad, state) => {
    const da = grad.map((g, j) => g * (1 - state[j] ** 2));
    return addBack(new Float64Array(u.length), W, da, scale);
  });
}

/** The same through a GRU layer; `bias` is added to the update gate. */
export function gruNorms(inputs, W, u, scale, bias) {
  const H = u.length;
  const steps = [];
  let h = new Float64Array(H);
  for (const a of inputs) {
    const s = times(W, h, scale);
    const step = { before: h, r: new Float64Array(H), z: new Float64Array(H), n: new Float64Array(H), q: s.slice(2 * H) };
    const next = new Float64Array(H);
    for (let j = 0; j < H; j++) {
      step.r[j] = sigmoid(a[j] + s[j]);
      step.z[j] = sigmoid(a[H + j] + s[H + j] + bias);
      step.n[j] = Math.tanh(a[2 * H + j] + step.r[j] * step.q[j]);
      next[j] = (1 - step.z[j]) * step.n[j] + step.z[j] * h[j];
    }
    steps.push(step);
    h = next;
  }
  return back(steps, u, (grad, { before, r, z, n, q }) => {
    const da = new Float64Array(3 * H);
    for (let j = 0; j < H; j++) {
      const dn = grad[j] * (1 - z[j]) * (1 - n[j] ** 2);
      da[j] = dn * q[j] * r[j] * (1 - r[j]);
      da[H + j] = grad[j] * (before[j] - n[j]) * z[j] * (1 - z[j]);
      da[2 * H + j] = dn * r[j];
    }
    return addBack(grad.map((g, j) => g * z[j]), W, da, scale);
  });
}

/** The same through an LSTM layer, along both of its states; `bias` is added to the forget gate. */
export function lstmNorms(inputs, W, u, scale, bias) {
  const H = u.length;
  const steps = [];
  let [h, c] = [new Float64Array(H), new Float64Array(H)];
  for (const a of inputs) {
    const s = times(W, h, scale).map((each, j) => each + a[j]);
    const step = { c, i: new Float64Array(H), f: new Float64Array(H), g: new Float64Array(H), o: new Float64Array(H) };
    const [nextC, nextH] = [new Float64Array(H), new Float64Array(H)];
    for (let j = 0; j < H; j++) {
      step.i[j] = sigmoid(s[j]);
      step.f[j] = sigmoid(s[H + j] + bias);
      step.g[j] = Math.tanh(s[2 * H + j]);
      step.o[j] = sigmoid(s[3 * H + j]);
      nextC[j] = step.f[j] * c[j] + step.i[j] * step.g[j];
      nextH[j] = step.o[j] * Math.tanh(nextC[j]);
    }
    step.t = nextC.map(Math.tanh);
    steps.push(step);
    [h, c] = [nextH, nextC];
  }
  let dc = new Float64Array(H);
  const both = (dh) => Math.sqrt(norm(dh) ** 2 + norm(dc) ** 2);
  return back(
    steps,
    u,
    (dh, { c: before, i, f, g, o, t }) => {
      const da = new Float64Array(4 * H);
      const left = new Float64Array(H);
      for (let j = 0; j < H; j++) {
        const dcj = dc[j] + dh[j] * o[j] * (1 - t[j] ** 2);
        da[j] = dcj * g[j] * i[j] * (1 - i[j]);
        da[H + j] = dcj * before[j] * f[j] * (1 - f[j]);
        da[2 * H + j] = dcj * i[j] * (1 - g[j] ** 2);
        da[3 * H + j] = dh[j] * t[j] * o[j] * (1 - o[j]);
        left[j] = dcj * f[j];
      }
      dc = left;
      return addBack(new Float64Array(H), W, da, scale);
    },
    both,
  );
}

/** Walk back from u; the size of what arrives at each lag. */
function back(steps, u, step, size = norm) {
  let grad = Float64Array.from(u);
  const norms = [size(grad)];
  for (let t = steps.length - 1; t >= 0; t--) {
    grad = step(grad, steps[t]);
    norms.push(size(grad));
  }
  return norms;
}

export const norm = (vector) => Math.sqrt(vector.reduce((sum, entry) => sum + entry * entry, 0));
