/* The map, alive: what one knows, a goal, and the shortest way there. */

import { keeping } from "./lib/keeping.js";
import { make } from "./lib/make.js";
import { onChange, read, write } from "./lib/store.js";
import { inHours, shortestWay } from "./lib/way.js";

const map = document.querySelector(".way.map");
const { stops, order, goals } = JSON.parse(map.querySelector("script").textContent);
const list = document.querySelector(".map-list");
const isKnown = (name) => read(`known:${name}`) === true;
const isAssignment = (name) => name.startsWith("do-");
const called = (name) => (isAssignment(name) ? "Assignment: " : "") + stops[name].title;
let goal = "";

// The goal

const choice = make(
  "select",
  { id: "map-goal" },
  make("option", { value: "" }, "Choose a goal"),
  group("I want to", Object.entries(goals).map(([name, { say }]) => [`to-${name}`, say])),
  group("Understand a chapter", named((name) => !isAssignment(name))),
  group("Do an assignment", named(isAssignment)),
);
const result = make("div", { class: "map-way", role: "status" });
const steps = make("ol", { class: "map-steps" });
const controls = map.querySelector(".map-controls");
controls.append(
  make("p", {}, make("label", { for: "map-goal" }, "Where do you want to go?"), " ", choice),
  result,
  steps,
  make("details", {}, make("summary", {}, "Keep what I have marked"), keeping()),
);

function named(wanted) {
  return Object.keys(stops).filter(wanted).map((name) => [name, stops[name].title]);
}

function group(label, entries) {
  return make("optgroup", { label }, ...entries.map(([value, text]) => make("option", { value }, text)));
}

/** The stops that a goal means: of a goal in words several, of a stop itself. */
function aims(name) {
  if (name.startsWith("to-")) return goals[name.slice(3)]?.to ?? [];
  return stops[name] ? [name] : [];
}

function choose(name, { remember = true } = {}) {
  goal = aims(name).length ? name : "";
  choice.value = goal;
  if (remember) history.replaceState(null, "", goal ? `#goal=${goal}` : location.pathname + location.search);
  show();
}

function fromAddress() {
  const match = location.hash.match(/^#goal=([\w-]+)$/);
  if (match || goal) choose(match ? match[1] : "", { remember: false });
}

choice.addEventListener("change", () => choose(choice.value));
window.addEventListener("hashchange", fromAddress);
map.querySelector("svg").addEventListener("click", (event) => {
  const box = event.target.closest("[data-stop]");
  if (box) choose(box.dataset.stop);
});

// What is known

const boxes = new Map();
for (const item of list.querySelectorAll("[data-stop]")) {
  const name = item.dataset.stop;
  const go = make("button", { type: "button" }, "Go there");
  go.setAttribute("aria-label", `Go there: ${called(name)}`);
  go.addEventListener("click", () => {
    choose(name);
    choice.focus();
    controls.scrollIntoView({ block: "start" });
  });
  const line = item.querySelector("p");
  boxes.set(name, tick(name));
  line.append(make("span", { class: "map-marks" }, boxes.get(name).parentElement, " ", go));
}

/** A box "I know this". */
function tick(name) {
  const input = make("input", { type: "checkbox" });
  input.setAttribute("aria-label", `I know this: ${called(name)}`);
  input.addEventListener("change", () => write(`known:${name}`, input.checked || null));
  make("label", {}, input, " I know this");
  return input;
}

// What is shown

function show() {
  const way = goal ? shortestWay(stops, order, aims(goal), isKnown) : [];
  for (const [name, input] of boxes) input.checked = isKnown(name);
  result.replaceChildren(...inWords(way));
  showSteps(way);
  light(way);
}

function inWords(way) {
  if (!goal) {
    const count = Object.keys(stops).filter(isKnown).length;
    return count ? [make("p", {}, `You have marked ${count} of ${order.length} as known.`)] : [];
  }
  if (!way.length) return [make("p", {}, "You are there: all that this needs is marked as known.")];
  const minutes = way.reduce((sum, name) => sum + stops[name].minutes, 0);
  const count = way.length === 1 ? "one step" : `${way.length} steps`;
  return [make("p", {}, "The shortest way there has ", make("strong", {}, `${count}, ${inHours(minutes)}`), ".")];
}

/** The steps in order.  A box that is ticked takes its step away, so the focus moves to the step in its place. */
function showSteps(way) {
  const at = [...steps.children].findIndex((item) => item.contains(document.activeElement));
  steps.replaceChildren(...way.map(step));
  if (at >= 0) (steps.children[Math.min(at, way.length - 1)]?.querySelector("input") ?? choice).focus();
}

function step(name) {
  const { minutes, url } = stops[name];
  const link = make("a", { href: url }, called(name));
  return make("li", {}, link, `, ${inHours(minutes)} `, tick(name).parentElement);
}

/** The picture says it by a number for each step, a tick for what is known, and thicker lines. */
function light(way) {
  const svg = map.querySelector("svg");
  svg.toggleAttribute("data-lit", way.length > 0);
  for (const box of svg.querySelectorAll("[data-stop]")) {
    const name = box.dataset.stop;
    const place = way.indexOf(name);
    box.toggleAttribute("data-way", place >= 0);
    box.toggleAttribute("data-known", isKnown(name));
    box.toggleAttribute("data-goal", aims(goal).includes(name));
    box.querySelector(".map-mark").textContent = place >= 0 ? place + 1 : isKnown(name) ? "✓" : "";
  }
  for (const line of svg.querySelectorAll("path")) {
    const { from, to } = line.dataset;
    line.toggleAttribute("data-way", way.includes(from) && way.includes(to));
  }
}

onChange(show);
show();
fromAddress();
