/* What is set in a live figure, kept in the page's address, so that a view can be shared. */

/** The settings of a figure as they stand in the address; only names that are in `defaults`. */
export function readState(figure, defaults) {
  const text = new URLSearchParams(location.search).get(figure);
  const state = { ...defaults };
  for (const part of text?.split("~") ?? []) {
    const [name, value] = part.split(/_(.*)/s);
    if (name in defaults && value !== undefined) state[name] = typeof defaults[name] === "number" ? number(value) : value;
  }
  return state;
}

const number = (text) => (Number.isFinite(Number(text)) ? Number(text) : 0);

const SOON = 150; // ms: a browser takes milliseconds for each change of the address, and refuses too many of them
const waiting = {};

/** Write what differs from the defaults into the address, soon, and without a step in the browser's history. */
export function writeState(figure, state, defaults) {
  clearTimeout(waiting[figure]);
  waiting[figure] = setTimeout(() => writeNow(figure, state, defaults), SOON);
}

function writeNow(figure, state, defaults) {
  const changed = Object.keys(defaults).filter((name) => state[name] !== defaults[name]);
  const query = new URLSearchParams(location.search);
  if (changed.length) query.set(figure, changed.map((name) => `${name}_${state[name]}`).join("~"));
  else query.delete(figure);
  const text = query.toString();
  try {
    history.replaceState(null, "", `${location.pathname}${text ? `?${text}` : ""}${location.hash}`);
  } catch {
    // a page opened as a file: its address stays
  }
}
