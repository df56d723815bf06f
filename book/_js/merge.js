/* The LSTM becomes a GRU, one step at a time.  The page holds all steps one below the other; here they are turned over. */

import { sigmoid } from "./lib/cells.js";
import { button, copyLink, table } from "./lib/controls.js";
import { make } from "./lib/make.js";
import { chart } from "./lib/plot.js";
import { readState, writeState } from "./lib/state.js";

const figure = document.querySelector("#merge");
const { weights, x, stages } = JSON.parse(figure.querySelector("script").textContent);
const steps = [...figure.querySelectorAll(".merge-step")];
const DEFAULTS = { step: 0 };
const last = steps.length - 1;
let now = Math.max(0, Math.min(last, Math.round(readState("merge", DEFAULTS).step)));

const back = button("Back", () => show(now - 1));
const next = button("Next", () => show(now + 1));
const dots = steps.map((step, place) => button(String(place + 1), () => show(place), { "aria-label": name(place) }));
const bar = make("div", { class: "live-buttons", role: "group", "aria-label": "Steps" }, back, ...dots, next);
const plot = make("div", { class: "live-plot" });
const numbers = table("The unit's state and content, step by step");
figure.querySelector(".merge-steps").before(bar);
figure.querySelector(".live-here").append(
  make("p", { class: "merge-demo" }, "One unit over a short input, with the same weights at every stage:"),
  plot,
  make("p", {}, copyLink()),
  numbers.element,
);
const reached = stages.flatMap((stage) => Object.values(run(stage)).flat());
const [low, high] = [Math.floor(Math.min(-1, ...reached)), Math.ceil(Math.max(1, ...reached))];
const lines = chart(plot, {
  height: 150,
  x: { from: 1, to: x.length, ticks: [1, 4, 8, 12], label: "step" },
  y: { from: low - 0.1, to: high + 0.1, ticks: [-1, 0, 1, high] },
  lines: ["h", "c"],
  label: "The state h and the content c of one unit at this stage",
});
bar.addEventListener("keydown", (event) => {
  const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!way) return;
  event.preventDefault();
  show(now + way);
  dots[now].focus();
});
show(now);

function name(place) {
  return steps[place].querySelector(".merge-title").textContent;
}

function show(place) {
  now = Math.max(0, Math.min(last, place));
  steps.forEach((step, each) => (step.hidden = each !== now));
  dots.forEach((dot, each) => dot.setAttribute("aria-current", each === now ? "step" : "false"));
  back.disabled = now === 0;
  next.disabled = now === last;
  const found = run(stages[now]);
  const points = (values) => values.map((value, t) => [t + 1, value]);
  lines.show([points(found.h), points(found.c)]);
  numbers.show(["step", "x", "h", "c"], () => x.map((value, t) => [t + 1, value, found.h[t], found.c[t]].map(String)));
  writeState("merge", { step: now }, DEFAULTS);
}

/** One unit through the input, with the switches of a stage; the same lines as the function `step` above. */
function run({ couple, merge, reset }) {
  const found = { h: [], c: [] };
  let [h, c] = [0, 0];
  for (const value of x) {
    const fromX = (s) => weights.W[s] * value + weights.b[s];
    const fromH = (s) => weights.U[s] * h + weights.d[s];
    const [f, o] = ["f", "o"].map((s) => sigmoid(fromX(s) + fromH(s)));
    const i = couple ? 1 - f : sigmoid(fromX("i") + fromH("i"));
    const g = Math.tanh(fromX("g") + (reset ? o : 1) * fromH("g"));
    c = f * c + i * g;
    h = merge ? c : o * Math.tanh(c);
    found.h.push(h);
    found.c.push(c);
  }
  return found;
}
