/* What is set in a live figure, kept in the page's address, so that a view can be shared. */

/** The settings of a figure as they stand in the address; only names that are in `defaults`.

limits: for a number [least, most], for a text the list of what it may be; what does not fit is the default. */
export function readState(figure, defaults, limits = {}) {
  const text = new URLSearchParams(location.search).get(figure);
  const state = { ...defaults };
  for (const part of text?.split("~") ?? []) {
    const [name, value] = part.split(/_(.*)/s);
    if (!(name in defaults) || value === undefined) continue;
    const read = typeof defaults[name] === "number" ? Number(value) : value;
    if (fits(read, limits[name])) state[name] = read;
  }
  return state;
}

function fits(value, limit) {
  if (typeof value === "string") return !limit || limit.includes(value);
  return Number.isFinite(value) && (!limit || (value >= limit[0] && value <= limit[1]));
}

const SOON = 150; // ms: a browser takes milliseconds for each change of the address, and refuses too many of them
const waiting = new Map();

/** Write what differs from the defaults into the address, soon, and without a step in the browser's history. */
export function writeState(...change) {
  const [figure] = change;
  clearTimeout(waiting.get(figure)?.timer);
  waiting.set(figure, { change, timer: setTimeout(flush, SOON) });
}

/** Write at once what waits to be written. */
export function flush() {
  for (const { change, timer } of waiting.values()) {
    clearTimeout(timer);
    writeNow(...change);
  }
  waiting.clear();
}

window.addEventListener("pagehide", flush);

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
