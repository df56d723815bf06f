/* The gradient's way back: how much of it is left after so many steps, in three cells side by side. */

import { gruNorms, lstmNorms, rnnNorms, times } from "./lib/cells.js";
import { button, copyLink, slider, table } from "./lib/controls.js";
import { make } from "./lib/make.js";
import { chart, inColour } from "./lib/plot.js";
import { readState, writeState } from "./lib/state.js";

const figure = document.querySelector("#way-back");
const { u, x, ...cells } = JSON.parse(figure.querySelector("script").textContent);
const [rnn, gru, lstm] = ["rnn", "gru", "lstm"].map((name) => ({ W: cells[name].W_hh, inputs: inputsOf(cells[name]) }));
const DEFAULTS = { scale: 1, gru: 0, lstm: 0 };
const FLOOR = -20; // powers of ten: below, a line runs along the floor
const T = x.length;
const PRESETS = [
  ["As libraries start", DEFAULTS],
  ["Open the keeping gates", { scale: 1, gru: 3, lstm: 3 }],
  ["Large recurrent weights", { scale: 3, gru: 0, lstm: 0 }],
];

let state = readState("back", DEFAULTS);
const known = {};
const home = figure.querySelector(".live-here");
figure.querySelector(".live-static").hidden = true;

const plot = make("div", { class: "live-plot" });
const said = make("p", { class: "live-said", role: "status" });
const numbers = table("Norm of the gradient by lag");
const sliders = {
  gru: slider({ label: "bias of the GRU's update gate", min: -2, max: 6, step: 0.1, value: state.gru, told: one }, (gru) => change({ gru })),
  lstm: slider({ label: "bias of the LSTM's forget gate", min: -2, max: 6, step: 0.1, value: state.lstm, told: one }, (lstm) => change({ lstm })),
  scale: slider({ label: "recurrent weights times", min: 0.2, max: 4, step: 0.1, value: state.scale, told: one }, (scale) => change({ scale })),
};
const presets = PRESETS.map(([name, values]) =>
  button(name, () => {
    for (const each in values) sliders[each].set(values[each]);
    change(values);
  }),
);
home.append(
  make("div", { class: "live-buttons", role: "group", "aria-label": "Settings" }, ...presets),
  plot,
  make("div", { class: "live-controls live-row" }, ...Object.values(sliders).map(({ element }) => element)),
  said,
  make("p", {}, copyLink()),
  numbers.element,
);
const powers = [[0, "1"], [-5, "10⁻⁵"], [-10, "10⁻¹⁰"], [-15, "10⁻¹⁵"], [-20, "10⁻²⁰"]];
const lines = chart(plot, {
  height: 260,
  x: { from: 0, to: T, ticks: [0, 20, 40, 60, 80, 100].filter((lag) => lag <= T), label: "lag" },
  y: { from: FLOOR - 0.5, to: 3, ticks: powers },
  lines: ["GRU", "LSTM", "RNN"],
  label: "Norm of the gradient against the lag, for a GRU, an LSTM and a plain recurrent layer",
});
update();

/** What the input and the biases add to each row, at each step. */
function inputsOf({ W_ih, b }) {
  return x.map((each) => times(W_ih, each).map((sum, row) => sum + b[row]));
}

function one(value) {
  return value.toFixed(1).replace("-", "−");
}

function change(values) {
  state = { ...state, ...values };
  update();
}

/** What was computed last for a cell, if nothing that it depends on has moved. */
function unlessKnown(name, settings, compute) {
  const key = settings.join();
  if (known[name]?.key !== key) known[name] = { key, norms: compute() };
  return known[name].norms;
}

function update() {
  const { scale } = state;
  const found = [
    unlessKnown("gru", [scale, state.gru], () => gruNorms(gru.inputs, gru.W, u, scale, state.gru)),
    unlessKnown("lstm", [scale, state.lstm], () => lstmNorms(lstm.inputs, lstm.W, u, scale, state.lstm)),
    unlessKnown("rnn", [scale], () => rnnNorms(rnn.inputs, rnn.W, u, scale)),
  ];
  const logs = found.map((norms) => norms.map((norm) => Math.max(FLOOR, Math.log10(norm / norms[0]))));
  const halves = found.map(halfLife);
  const marks = halves.map((half, place) => (atX, atY, svg) =>
    half === null ? svg("g") : svg("circle", { class: `live-half ${inColour(place)}`, cx: atX(half), cy: atY(Math.log10(0.5)), r: 4 }),
  );
  lines.show(logs.map((values) => values.map((value, lag) => [lag, value])), marks);
  numbers.show(["lag", "GRU", "LSTM", "RNN"], () => found[0].map((_, lag) => [String(lag), ...found.map((each) => String(each[lag]))]));
  said.textContent = ["GRU", "LSTM", "RNN"].map((name, place) => `${name}: ${inWords(halves[place])}`).join("; ") + ".";
  writeState("back", state, DEFAULTS);
}

/** The first lag at which half or less is left, between the steps on a logarithmic scale; null where there is none. */
function halfLife(norms) {
  const half = norms[0] / 2;
  const lag = norms.findIndex((norm) => norm <= half);
  if (lag < 1) return null;
  const [before, after] = [Math.log(norms[lag - 1]), Math.log(norms[lag])];
  return lag - 1 + (before - Math.log(half)) / (before - after);
}

function inWords(half) {
  return half === null ? `more than half is left after ${T} steps` : `half is left after ${half.toFixed(1)} steps`;
}
