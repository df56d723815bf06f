/* A trained GRU at work: its gates, its state and what it expects next, over a text that the reader types. */

import { sigmoid, times } from "./lib/cells.js";
import { button, choice, copyLink, slider, table } from "./lib/controls.js";
import { make } from "./lib/make.js";
import { svg } from "./lib/plot.js";
import { readState, writeState } from "./lib/state.js";

const LONGEST = 80; // characters
const [LEFT, LETTERS, DETAIL, GAP, ROW, BAR] = [26, 20, 38, 24, 12, 10]; // of the drawing, in pixels
const LEVELS = [0.5, 0.65, 0.8, 1]; // the colour's strength, by the size of a value
const TOP = 5; // characters that are named as likely

const figure = document.querySelector("#trained");
const { characters, networks, texts, thousand } = JSON.parse(figure.querySelector("script").textContent);
const models = networks.map(prepared);
const H = models[0].H;
const LAST = -1; // the last character, however long the text is
const DEFAULTS = { text: texts[0].text, net: 0, unit: LAST, at: LAST, show: "z" };

function prepared({ weights, ...rest }) {
  const numbers = (rows) => Float64Array.from(rows.flat(), (each) => each / thousand);
  const flat = Object.fromEntries(Object.entries(weights).map(([name, rows]) => [name, numbers(rows)]));
  const inputs = [...characters].map((_, k) => flat.b_ih.map((b, row) => b + flat.W_ih[row * characters.length + k]));
  return { ...rest, ...flat, inputs, H: weights.W_hh[0].length };
}

/** r, z, h of all units and the chances p of all next characters, after each character of the text.
What an earlier run, {text, net, found}, found for the same beginning is taken from there. */
function run(text, net, earlier) {
  const { inputs, W_hh, b_hh, out, b_out } = models[net];
  let same = 0;
  if (earlier?.net === net) while (same < text.length && text[same] === earlier.text[same]) same++;
  const known = (name) => earlier?.found[name].slice(0, same) ?? [];
  const found = { r: known("r"), z: known("z"), h: known("h"), p: known("p") };
  let old = found.h.at(-1) ?? new Float64Array(H);
  for (const character of text.slice(same)) {
    const ofX = inputs[characters.indexOf(character)];
    const ofH = times(W_hh, old);
    const [r, z, h] = [new Float64Array(H), new Float64Array(H), new Float64Array(H)];
    for (let j = 0; j < H; j++) {
      r[j] = sigmoid(ofX[j] + ofH[j] + b_hh[j]);
      z[j] = sigmoid(ofX[H + j] + ofH[H + j] + b_hh[H + j]);
      const n = Math.tanh(ofX[2 * H + j] + r[j] * (ofH[2 * H + j] + b_hh[2 * H + j]));
      h[j] = (1 - z[j]) * n + z[j] * old[j];
    }
    found.r.push(r);
    found.z.push(z);
    found.h.push(h);
    found.p.push(softmax(times(out, h), b_out));
    old = h;
  }
  return found;
}

function softmax(scores, bias) {
  let [largest, total] = [-Infinity, 0];
  for (let k = 0; k < scores.length; k++) largest = Math.max(largest, (scores[k] += bias[k]));
  for (let k = 0; k < scores.length; k++) total += scores[k] = Math.exp(scores[k] - largest);
  return scores.map((share) => share / total);
}

// what is set

const clean = (text) => [...text.toLowerCase()].filter((each) => characters.includes(each)).slice(0, LONGEST).join("");
const within = (value, count, other) => (Number.isInteger(value) && value >= 0 && value < count ? value : other);

let state = readState("trained", DEFAULTS);
state.text = clean(state.text) || DEFAULTS.text;
state.net = within(state.net, models.length, 0);
state.unit = within(state.unit, H, LAST);
state.at = within(state.at, state.text.length, LAST);
if (!["z", "r", "h"].includes(state.show)) state.show = "z";
let hovered = null; // {unit, at} while a pointer is over the strips
let found = run(state.text, state.net);

const model = () => models[state.net];
const unitNow = () => hovered?.unit ?? (state.unit === LAST ? model().teller : state.unit);
const atNow = () => hovered?.at ?? (state.at === LAST ? state.text.length - 1 : state.at);

// what the page gets

const field = make("input", {
  type: "text",
  id: "trained-text",
  maxlength: LONGEST,
  autocomplete: "off",
  autocapitalize: "none",
  spellcheck: "false",
});
field.value = state.text;
const note = make("p", { class: "trained-note", role: "status" });
const root = svg("svg", { role: "img", class: "trained-chart" });
const holder = make("div", {
  class: "trained-strips",
  tabindex: "0",
  role: "group",
  "aria-label": "Strips. Left and right choose a character, up and down a unit.",
});
holder.append(root);
const guesses = make("div", { class: "trained-guesses" });
const unitWords = make("div", { class: "trained-unit" });
const numbers = table("The chosen unit after each character, and the likeliest next one");
const characterSlider = { label: "Character", min: 0, max: 1, step: 1, value: 0, told: tellPlace };
const atSlider = slider(characterSlider, (at) => change({ at }));
const rankSlider = slider(
  { label: "Unit", min: 0, max: H - 1, step: 1, value: 0, told: (rank) => String(model().order[rank]) },
  (rank) => change({ unit: model().order[rank] }),
);
const network = { legend: "Network", value: String(state.net) };
network.options = models.map(({ name }, place) => [String(place), name]);
const shown = { legend: "All units", value: state.show };
shown.options = [["z", "update gate z"], ["r", "reset gate r"], ["h", "state h"]];

figure.querySelector(".live-static").hidden = true;
figure.querySelector(".live-here").append(
  make("div", { class: "trained-top" }, make("label", { for: field.id }, "Text"), field),
  make(
    "div",
    { class: "live-buttons", role: "group", "aria-label": "Texts" },
    ...texts.map(({ name, text }) => button(name, () => read(text))),
    button("Exchange ( ) and [ ]", () => read(state.text.replace(/[()[\]]/g, (each) => "[]()"["()[]".indexOf(each)]))),
  ),
  note,
  choice(network, (net) => change({ net: Number(net), unit: LAST })).element,
  choice(shown, (show) => change({ show })).element,
  make(
    "div",
    { class: "trained-columns" },
    holder,
    make("div", { class: "trained-side" }, guesses, atSlider.element, unitWords, rankSlider.element),
  ),
  make("p", { class: "trained-end" }, copyLink()),
  numbers.element,
);

field.addEventListener("input", () => {
  const text = clean(field.value);
  const strange = new Set([...field.value.toLowerCase()].filter((each) => !characters.includes(each)));
  if (strange.size) {
    const place = field.selectionStart - (field.value.length - text.length);
    field.value = text;
    field.setSelectionRange(place, place);
  }
  note.textContent = strange.size
    ? `Left out: ${[...strange].join(" ")}. The network has never seen that.`
    : text
      ? ""
      : "Type something: the strips still show the last text.";
  if (text) change({ text, at: LAST });
});

function read(text) {
  field.value = text;
  note.textContent = "";
  change({ text, at: LAST });
}

function change(values) {
  const earlier = { ...state, found };
  state = { ...state, ...values };
  hovered = null;
  if ("text" in values || "net" in values) found = run(state.text, state.net, earlier);
  update();
  writeState("trained", state, DEFAULTS);
}

// pointers and keys on the strips

let room = holder.clientWidth; // kept, as to ask for it makes the browser lay out the page
let cell = 10; // a character's width

function under(event) {
  const box = root.getBoundingClientRect();
  const at = Math.floor((event.clientX - box.left - LEFT) / cell);
  const rank = Math.floor((event.clientY - box.top - rowsFrom()) / ROW);
  if (at < 0 || at >= state.text.length) return null;
  return { at, unit: rank >= 0 && rank < H ? model().order[rank] : undefined };
}

const rowsFrom = () => LETTERS + 3 * DETAIL + GAP;

root.addEventListener("pointermove", (event) => {
  if (event.pointerType !== "mouse") return; // a finger that moves scrolls
  hovered = under(event);
  point();
});
root.addEventListener("pointerleave", () => {
  hovered = null;
  point();
});
root.addEventListener("click", (event) => {
  const place = under(event);
  if (place) change({ at: place.at, unit: place.unit ?? state.unit });
});
holder.addEventListener("keydown", (event) => {
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!way) return;
  const [right, down] = way;
  event.preventDefault();
  hovered = null;
  const at = Math.max(0, Math.min(state.text.length - 1, atNow() + right));
  const rank = Math.max(0, Math.min(H - 1, model().order.indexOf(unitNow()) + down));
  change(down ? { unit: model().order[rank] } : { at });
  const left = LEFT + at * cell;
  const [from, to] = [holder.scrollLeft, holder.scrollLeft + holder.clientWidth];
  if (left < from + LEFT || left + cell > to) holder.scrollLeft = left - 60;
});

// the drawing

/** Bars of rows of values: one path for each strength of colour, those below zero apart. */
class Bars {
  paths = LEVELS.concat(LEVELS).map(() => "");

  add(values, unit, foot, high) {
    for (let t = 0; t < values.length; t++) {
      const value = values[t][unit];
      const level = Math.min(LEVELS.length - 1, Math.floor(Math.abs(value) * LEVELS.length));
      const middle = LEFT + (t + 0.5) * cell;
      this.paths[value < 0 ? level + LEVELS.length : level] += `M${tenths(middle)} ${foot}v${tenths(-value * high)}`;
    }
  }

  drawn(name) {
    return this.paths.map((d, place) => {
      const side = place < LEVELS.length ? "above" : "below";
      const opacity = LEVELS[place % LEVELS.length];
      return svg("path", { d, opacity, "stroke-width": tenths(cell - 1), class: `trained-${name} trained-${side}` });
    });
  }
}

const tenths = (value) => Math.round(value * 10) / 10;
const visible = (character) => (character === " " ? "␣" : character);
const label = (x, y, words, more = {}) => svg("text", { x, y, ...more }, words);
const line = (y, width) => svg("line", { class: "live-grid", x1: LEFT, x2: width, y1: y, y2: y });

const [letters, names, strips, detail, cursor] = Array.from({ length: 5 }, () => svg("g"));
root.append(cursor, letters, names, strips, detail);

/** The letters above, and the numbers of the units: what changes less often than the bars. */
function drawFrame() {
  const width = LEFT + state.text.length * cell;
  const height = rowsFrom() + H * ROW + 2;
  const sizes = { viewBox: `0 0 ${width} ${height}`, width, height };
  for (const [name, value] of Object.entries(sizes)) root.setAttribute(name, value);
  while (letters.children.length > state.text.length) letters.lastChild.remove();
  [...state.text].forEach((each, t) => {
    const letter = letters.children[t] ?? letters.appendChild(label(0, LETTERS - 6, "", { class: "trained-letter" }));
    letter.setAttribute("x", tenths(LEFT + (t + 0.5) * cell));
    if (letter.textContent !== visible(each)) letter.textContent = visible(each);
  });
  const order = model().order.join();
  if (names.dataset.order === order) return;
  names.dataset.order = order;
  const named = (unit, rank) =>
    label(LEFT - 6, rowsFrom() + (rank + 1) * ROW - 2, String(unit), { "text-anchor": "end" });
  names.replaceChildren(...model().order.map(named));
}

function drawStrips() {
  const bars = new Bars();
  const signed = state.show === "h";
  model().order.forEach((unit, rank) => {
    const foot = rowsFrom() + rank * ROW + (signed ? ROW / 2 : ROW - 1);
    bars.add(found[state.show], unit, foot, signed ? BAR / 2 : BAR);
  });
  const head = label(LEFT, rowsFrom() - 7, `all ${H} units: ${state.show}`, { class: "trained-head" });
  strips.replaceChildren(head, ...bars.drawn(state.show));
}

/** The chosen unit's z, r and h, larger. */
function drawDetail() {
  const width = LEFT + state.text.length * cell;
  const parts = ["z", "r", "h"].flatMap((name, place) => {
    const bottom = LETTERS + (place + 1) * DETAIL - 4;
    const foot = name === "h" ? bottom - (DETAIL - 8) / 2 : bottom;
    const bars = new Bars();
    bars.add(found[name], unitNow(), foot, (DETAIL - 8) / (name === "h" ? 2 : 1));
    const named = label(LEFT - 8, bottom - DETAIL / 2 + 8, name, { class: "live-name", "text-anchor": "end" });
    return [line(foot, width), named, ...bars.drawn(name)];
  });
  detail.replaceChildren(...parts);
}

function drawCursor() {
  const height = rowsFrom() + H * ROW;
  const top = rowsFrom() + model().order.indexOf(unitNow()) * ROW;
  const width = state.text.length * cell;
  cursor.replaceChildren(
    svg("rect", { class: "trained-cursor", x: LEFT + atNow() * cell, y: 1, width: cell, height }),
    svg("rect", { class: "trained-cursor", x: 1, y: top - 0.5, width: width + LEFT - 2, height: ROW + 1 }),
  );
}

function update() {
  cell = Math.max(7.5, Math.min(16, (room - LEFT - 2) / state.text.length));
  drawFrame();
  drawStrips();
  point();
}

/** Show what belongs to the unit and the character that are pointed at. */
function point() {
  drawDetail();
  drawCursor();
  showGuesses();
  showUnit();
  atSlider.element.querySelector("input").max = state.text.length - 1;
  atSlider.set(atNow());
  rankSlider.set(model().order.indexOf(unitNow()));
  root.setAttribute("aria-label", inWords());
  numbers.show(["place", "read", "r", "z", "h", "likeliest next", "its chance"], () =>
    [...state.text].map((each, t) => {
      const [best] = likely(t);
      const values = ["r", "z", "h"].map((name) => found[name][t][unitNow()].toFixed(7));
      return [String(t + 1), visible(each), ...values, visible(characters[best]), found.p[t][best].toFixed(7)];
    }),
  );
}

// the words

function tellPlace(at) {
  const each = state.text[at];
  return `${at + 1} of ${state.text.length}: ${each === " " ? "space" : each}`;
}

/** The likeliest next characters after place t, as numbers. */
function likely(t) {
  return [...found.p[t].keys()].sort((a, b) => found.p[t][b] - found.p[t][a]).slice(0, TOP);
}

function showGuesses() {
  const t = atNow();
  const comes = characters.indexOf(state.text[t + 1] ?? "?");
  const before = state.text.slice(Math.max(0, t - 15), t + 1);
  const row = (k) => {
    const chance = found.p[t][k];
    const bar = make("span", { class: "trained-share", style: `width: ${(100 * chance).toFixed(1)}%` });
    const named = make("th", { scope: "row" }, visible(characters[k]));
    if (k === comes) named.append(make("small", {}, " comes"));
    const number = make("td", { "data-value": chance }, chance.toFixed(3));
    return make("tr", {}, named, make("td", { class: "trained-bar" }, bar), number);
  };
  const best = likely(t);
  const rows = best.map(row);
  if (comes >= 0 && !best.includes(comes)) rows.push(row(comes));
  const caption = make("caption", {}, "Next, after ", make("code", {}, `${t > 15 ? "…" : ""}${before.replaceAll(" ", "␣")}`));
  guesses.replaceChildren(make("table", {}, caption, make("tbody", {}, ...rows)));
}

const steps = (count) => (count < 9999 ? `${count.toFixed(count < 10 ? 1 : 0)} steps` : "more than 9999 steps");
const signed = (value, digits = 2) => value.toFixed(digits).replace("-", "−");

function unitNumbers() {
  const [unit, t] = [unitNow(), atNow()];
  const z = found.z.map((values) => values[unit]);
  const left = z.slice(t + 1).reduce((product, each) => product * each, 1);
  const ofLogs = -z.length / z.reduce((sum, each) => sum + Math.log(each), 0);
  return { unit, t, z: z[t], r: found.r[t][unit], h: found.h[t][unit], left, ofLogs };
}

function showUnit() {
  const { unit, t, z, r, h, left, ofLogs } = unitNumbers();
  const rows = [
    ["z, r, h here", `${z.toFixed(2)}, ${r.toFixed(2)}, ${signed(h)}`],
    ["1/(1 − z) here", steps(1 / (1 - z))],
    ["−1/mean ln z, all text", steps(ofLogs)],
    ["kept from here to the end", left < 1e-4 ? "< 0.0001" : left.toFixed(4)],
  ];
  const list = rows.flatMap(([term, value]) => [make("dt", {}, term), make("dd", {}, value)]);
  const head = unit === model().teller ? `Unit ${unit}, the best teller` : `Unit ${unit}`;
  unitWords.replaceChildren(make("p", { class: "trained-head" }, head), make("dl", {}, ...list));
}

function inWords() {
  const { unit, t, z, r, h } = unitNumbers();
  const next = likely(t).map((k) => `${characters[k] === " " ? "space" : characters[k]} ${found.p[t][k].toFixed(2)}`);
  return (
    `Gates and state of ${H} units over ${state.text.length} characters. Unit ${unit} after character ${tellPlace(t)}: ` +
    `z ${z.toFixed(2)}, r ${r.toFixed(2)}, h ${h.toFixed(2)}. Expected next: ${next.join(", ")}.`
  );
}

new ResizeObserver(([entry]) => {
  room = entry.contentRect.width;
  update();
}).observe(holder);
update();
