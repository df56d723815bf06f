/* The landing page's figure, alive: the reader moves the gate. */

import { make } from "./lib/make.js";

const figure = document.querySelector(".two-units");
const { x, told, bias, box } = JSON.parse(figure.querySelector("script").textContent);
const curve = figure.querySelector("polyline.gated");
const last = x.length - 1;
const OPEN = 14; // how far the marked input pushes the gate towards writing

const sigmoid = (a) => 1 / (1 + Math.exp(-a));

/** The gated unit's states after each input, for a bias of its gate. */
function states(b) {
  let h = 0;
  return x.map((value, t) => {
    const z = sigmoid(b - (t === told ? OPEN : 0));
    h = (1 - z) * Math.tanh(value) + z * h;
    return h;
  });
}

const slider = make("input", { type: "range", id: "two-units-bias", min: -2, max: 8, step: 0.1, value: bias });
const output = make("output", { for: "two-units-bias" });
const label = make("label", { for: "two-units-bias" }, "Move the gate, between writing and keeping");
figure.querySelector(".two-units-gate").append(make("p", {}, label, " ", slider), make("p", {}, output));

function show() {
  const b = Number(slider.value);
  const [left, wide, middle, high] = box;
  const found = states(b);
  const point = (h, t) => `${(left + (wide * t) / last).toFixed(1)},${(middle - high * h).toFixed(1)}`;
  curve.setAttribute("points", found.map(point).join(" "));
  const keep = sigmoid(b);
  const half = Math.log(0.5) / Math.log(keep);
  const state = found[last].toFixed(2).replace("-", "−");
  const share = (100 * keep).toFixed(keep > 0.99 ? 2 : 1);
  output.textContent =
    `It keeps ${share} % of its state at a step, so half is gone after ${half.toFixed(half < 10 ? 1 : 0)} steps. ` +
    `At step ${last} its state is ${state}.`;
  output.dataset.state = found[last];
  slider.setAttribute("aria-valuetext", `keeps ${share} percent`);
}

function fromAddress() {
  const match = location.hash.match(/^#gate=(-?[\d.]+)$/);
  if (match) slider.value = match[1];
  show();
}

slider.addEventListener("input", show);
slider.addEventListener("change", () => history.replaceState(null, "", `#gate=${slider.value}`));
window.addEventListener("hashchange", fromAddress);
fromAddress();
