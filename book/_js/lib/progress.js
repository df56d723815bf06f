/* What counts as done: evidence only. */

import { read } from "./store.js";

/** A question is done when it was answered right; one that asks for a prediction, when a prediction was made. */
export function questionDone(slug, kind) {
  const record = read(`question:${slug}`);
  return Boolean(record && (record.right || (kind === "predict" && record.tries > 0)));
}

/** An exercise in the page is done when its check has passed. */
export function taskDone(name) {
  return Boolean(read(`task:${name}`)?.passed);
}
