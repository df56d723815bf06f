/* The gate playground: one GRU unit over a sequence that the reader draws or types. */

import { runUnit } from "./lib/cells.js";
import { button, choice, copyLink, slider, table } from "./lib/controls.js";
import { make } from "./lib/make.js";
import { chart } from "./lib/plot.js";
import { readState, writeState } from "./lib/state.js";

const figure = document.querySelector("#playground");
const { weights, presets } = JSON.parse(figure.querySelector("script").textContent);
const FREE = -1; // a gate that is not held
const T = presets[0].x.length;
const DEFAULTS = { br: 0, bz: weights.biz, bn: 0, r: FREE, z: FREE, zmode: "keep", reset: "after", x: "" };
const CORNERS = [
  [1, 0, "A plain recurrent unit: it writes its candidate at every step, and the candidate builds on the old state."],
  [0, 0, "A feed-forward unit: it writes at every step, from this input alone. Nothing is remembered."],
  [1, 1, "A copy: the state stays as it is. The candidate is computed, and thrown away."],
  [0, 1, "A copy as well: what the reset gate does to the candidate makes no difference, as none of it is written."],
];

const HELD = [FREE, 1];
const LIMITS = { br: [-6, 6], bz: [-6, 6], bn: [-6, 6], r: HELD, z: HELD, zmode: ["keep", "write"], reset: ["after", "before"] };

let state = readState("play", DEFAULTS, LIMITS);
let xs = parse(state.x) ?? presets[0].x.slice();
let corners = [];
const home = figure.querySelector(".live-here");
figure.querySelector(".live-static").hidden = true;

const xPlot = make("div", { class: "live-plot live-draw", tabindex: "0", role: "slider", "aria-valuemin": -1, "aria-valuemax": 1 });
const gatePlot = make("div", { class: "live-plot" });
const statePlot = make("div", { class: "live-plot" });
const said = make("p", { class: "live-said", role: "status" });
const numbers = table("The unit, step by step");
home.append(
  presetsRow(),
  make("div", { class: "live-columns" }, make("div", { class: "live-plots" }, xPlot, gatePlot, statePlot), controls()),
  said,
  make("p", {}, copyLink()),
  numbers.element,
);

const steps = { from: 1, to: T, ticks: [1, 10, 20, 30, 40], label: "step" };
const unit = { from: -1.05, to: 1.05, ticks: [-1, 0, 1] };
const share = { from: -0.05, to: 1.05, ticks: [0, 0.5, 1] };
const charts = {
  x: chart(xPlot, { height: 110, x: steps, y: unit, lines: ["x"], label: "The input, which you draw" }),
  gates: chart(gatePlot, { height: 120, x: steps, y: share, lines: ["z", "r"], label: "The gates, from 0 to 1" }),
  state: chart(statePlot, { height: 150, x: steps, y: unit, lines: ["h", "n"], label: "The state and the candidate" }),
};
let at = 0; // the step that the keyboard is at
drawing();
update();

function parse(text) {
  if (!text) return null;
  const found = text.split(/[\s,;]+/).filter(Boolean).map(Number);
  if (!found.length || found.some((value) => !Number.isFinite(value))) return null;
  return Array.from({ length: T }, (_, t) => clip(found[t] ?? 0));
}

function clip(value) {
  return Math.max(-1, Math.min(1, value));
}

function held(value) {
  return value === FREE ? null : value;
}

function weightsNow() {
  return { ...weights, bir: state.br, biz: state.bz, bin: state.bn };
}

function options() {
  const { zmode, reset, r, z } = state;
  return { writes: zmode === "write", before: reset === "before", r: held(r), z: held(z) };
}

function update() {
  const found = runUnit(xs, 0, weightsNow(), options());
  const points = (values) => values.map((value, t) => [t + 1, value]);
  charts.x.show([points(xs)], [stems, cursor]);
  charts.gates.show([points(found.z), points(found.r)]);
  charts.state.show([points(found.h), points(found.n)]);
  numbers.show(["step", "x", "r", "z", "n", "h"], () =>
    xs.map((x, t) => [t + 1, x, found.r[t], found.z[t], found.n[t], found.h[t]].map(String)),
  );
  said.textContent = inWords(found);
  corners.forEach((corner, place) => corner.setAttribute("aria-pressed", isAt(CORNERS[place])));
  writeState("play", state, DEFAULTS);
}

function isAt([r, keep]) {
  return state.r === r && state.z !== FREE && kept(state.z) === keep;
}

function inWords({ z }) {
  const corner = CORNERS.find(isAt);
  if (corner) return corner[2];
  const keep = kept(z.reduce((sum, each) => sum + each, 0) / T);
  if (keep > 0.99995) return "On average it keeps everything.";
  const half = Math.log(0.5) / Math.log(keep);
  const time = 1 / (1 - keep);
  return (
    `On average it keeps ${(100 * keep).toFixed(1)} % of its state at a step: ` +
    `a half-life of ${half.toFixed(1)} steps, a time constant of ${time.toFixed(1)}.`
  );
}

/** The share that is kept, whatever z says. */
function kept(z) {
  return state.zmode === "keep" ? z : z === FREE ? z : 1 - z;
}

function stems(atX, atY, svg) {
  const lines = xs.map((x, t) => {
    const place = { x1: atX(t + 1), x2: atX(t + 1), y1: atY(0), y2: atY(x) };
    return svg("line", { class: "live-stem", ...place });
  });
  return svg("g", {}, ...lines);
}

function cursor(atX, atY, svg) {
  return svg("circle", { class: "live-cursor", cx: atX(at + 1), cy: atY(xs[at]), r: 5 });
}

function change(values) {
  state = { ...state, ...values };
  update();
}

function setInput(values) {
  xs = values;
  change({ x: xs.map((value) => Number(value.toFixed(2))).join(",") });
  tellStep();
}

function tellStep() {
  xPlot.setAttribute("aria-label", "The input. Left and right choose a step, up and down change its value.");
  xPlot.setAttribute("aria-valuenow", xs[at].toFixed(2));
  xPlot.setAttribute("aria-valuetext", `step ${at + 1}: ${xs[at].toFixed(2)}`);
}

/** Draw with a pointer, or step by step with the arrow keys. */
function drawing() {
  let before = null; // where the pointer was: a quick stroke skips steps, which are filled in
  const put = (event) => {
    const { x, y } = charts.x.from(event);
    const here = { step: Math.max(0, Math.min(T - 1, Math.round(x) - 1)), value: clip(Number(y.toFixed(2))) };
    const there = before ?? here;
    const [from, to] = [Math.min(there.step, here.step), Math.max(there.step, here.step)];
    const between = (t) => {
      const share = here.step === there.step ? 1 : (t - there.step) / (here.step - there.step);
      return Number((there.value + share * (here.value - there.value)).toFixed(2));
    };
    [at, before] = [here.step, here];
    setInput(xs.map((value, t) => (t >= from && t <= to ? between(t) : value)));
  };
  xPlot.addEventListener("pointerdown", (event) => {
    xPlot.setPointerCapture(event.pointerId);
    before = null;
    put(event);
  });
  xPlot.addEventListener("pointermove", (event) => event.buttons && put(event));
  xPlot.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[event.key];
    if (!way) return;
    event.preventDefault();
    at = Math.max(0, Math.min(T - 1, at + way[0]));
    setInput(xs.map((value, t) => (t === at ? clip(Number((value + way[1]).toFixed(2))) : value)));
  });
  tellStep();
}

function presetsRow() {
  const buttons = presets.map(({ name, x }) => button(name, () => setInput(x.slice())));
  const field = make("input", { type: "text", id: "playground-typed", placeholder: "0 0 1 0 -0.5 ..." });
  const typed = make("form", { class: "live-typed" }, make("label", { for: field.id }, "or type numbers"), field, make("button", {}, "Use"));
  typed.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = parse(field.value);
    field.setAttribute("aria-invalid", !values);
    if (values) setInput(values);
    else said.textContent = "Numbers from −1 to 1 are wanted, with spaces between them.";
  });
  const row = make("div", { class: "live-buttons", role: "group", "aria-label": "Inputs" }, "Draw the input below, take one of these, ");
  row.append(...buttons, typed);
  return row;
}

function controls() {
  const inBias = (words, name) =>
    slider({ label: words, min: -6, max: 6, step: 0.1, value: state[name], told: signed }, (v) => change({ [name]: v }));
  const hold = (words, name) =>
    slider({ label: words, min: -0.05, max: 1, step: 0.05, value: state[name] === FREE ? -0.05 : state[name], told: heldWords }, (v) =>
      change({ [name]: v < 0 ? FREE : v }),
    );
  const parts = {
    br: inBias("bias of r", "br"),
    bz: inBias("bias of z", "bz"),
    bn: inBias("bias of n", "bn"),
    r: hold("hold r at", "r"),
    z: hold("hold z at", "z"),
    zmode: choice({ legend: "z", options: [["keep", "keeps"], ["write", "writes"]], value: state.zmode }, (v) => change({ zmode: v })),
    reset: choice({ legend: "reset", options: [["after", "after"], ["before", "before the product"]], value: state.reset }, (v) => change({ reset: v })),
  };
  corners = CORNERS.map(([r, keep]) =>
    button(`r = ${r}, ${keep ? "keep" : "write"}`, () => {
      const z = state.zmode === "keep" ? keep : 1 - keep;
      parts.r.set(r);
      parts.z.set(z);
      change({ r, z });
    }),
  );
  const free = button("Start over", () => {
    const values = { ...DEFAULTS, x: state.x };
    for (const name in parts) parts[name].set(values[name] === FREE ? -0.05 : values[name]);
    change(values);
  });
  const all = Object.values(parts).map(({ element }) => element);
  const four = make("div", { class: "live-buttons", role: "group", "aria-label": "The four corners" }, ...corners, free);
  return make("div", { class: "live-controls" }, ...all, four);
}

function signed(value) {
  return value.toFixed(1).replace("-", "−");
}

function heldWords(value) {
  return value < 0 ? "free" : value.toFixed(2);
}
