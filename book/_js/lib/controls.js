/* Sliders, switches and buttons, each with its label. */

import { make } from "./make.js";
import { flush } from "./state.js";

let count = 0;

/** A slider with its value beside it; `told` turns the value into words. */
export function slider({ label, min, max, step, value, told = String }, changed) {
  const id = `live-${++count}`;
  const input = make("input", { type: "range", id, min, max, step });
  const output = make("output", { for: id });
  const set = (number) => {
    input.value = number;
    output.textContent = told(Number(input.value));
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", () => {
    set(input.value);
    changed(Number(input.value));
  });
  set(value);
  return { element: make("div", { class: "live-slider" }, make("label", { for: id }, label), input, output), set };
}

/** A group of radio buttons. */
export function choice({ legend, options, value }, changed) {
  const name = `live-${++count}`;
  const inputs = options.map(([key, words]) => {
    const input = make("input", { type: "radio", name, value: key, id: `${name}-${key}` });
    input.addEventListener("change", () => changed(key));
    return [input, make("label", { for: input.id }, words)];
  });
  const set = (chosen) => inputs.forEach(([input]) => (input.checked = input.value === chosen));
  set(value);
  const rows = inputs.map((pair) => make("span", { class: "live-option" }, ...pair));
  return { element: make("fieldset", { class: "live-choice" }, make("legend", {}, legend), ...rows), set };
}

export function button(words, act, more = {}) {
  const made = make("button", { type: "button", ...more }, words);
  made.addEventListener("click", act);
  return made;
}

/** A button that copies the page's address as it stands, and says so. */
export function copyLink() {
  const said = make("span", { role: "status" });
  const copy = async () => {
    flush();
    try {
      await navigator.clipboard.writeText(location.href);
      said.textContent = "Copied.";
    } catch {
      said.textContent = "Take the address from the top of your browser.";
    }
  };
  return make("span", { class: "live-copy" }, button("Copy a link to this view", copy), " ", said);
}

/** All numbers of a figure, folded: rows of cells below a head. */
export function table(caption) {
  const body = make("tbody");
  const head = make("thead");
  const box = make("div", { class: "live-table", tabindex: "0", role: "region", "aria-label": caption });
  box.append(make("table", {}, make("caption", {}, caption), head, body));
  const element = make("details", {}, make("summary", {}, "As a table"), box);
  const row = (cells, cell) => make("tr", {}, ...cells.map((text) => make(cell, cell === "th" ? { scope: "col" } : {}, text)));
  let latest = null;
  const fill = () => {
    if (!latest || !element.open) return; // building rows costs more than drawing; a folded table can wait
    head.replaceChildren(row(latest.names, "th"));
    body.replaceChildren(...latest.rows().map((cells) => row(cells, "td")));
  };
  element.addEventListener("toggle", fill);
  const show = (names, rows) => {
    latest = { names, rows };
    fill();
  };
  return { element, show };
}
