/* What a reader has done, kept in this browser and nowhere else.

    question:<slug>               {right, tries, chosen}    a question of a chapter
    task:<assignment>.<task>      {passed, code, hints}     an exercise done in the page
    known:<page>                  true                      "I know this" of the map

In local storage each key has "gated:" before it.  Where a browser keeps nothing (private windows, pages opened as
files, storage switched off) all works until the page is left. */

const PREFIX = "gated:";
const KEY = /^(question|task|known):[\w.-]{1,100}$/;
const CHANGED = "gated-store";
const FORMAT = 1;

const memory = new Map();
export const keeps = works();

function works() {
  try {
    localStorage.setItem(`${PREFIX}?`, "");
    localStorage.removeItem(`${PREFIX}?`);
    return true;
  } catch {
    return false;
  }
}

/** What is kept under a key, or null. */
export function read(key) {
  if (memory.has(key)) return memory.get(key);
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key));
  } catch {
    return null; // no storage, or something that is not ours
  }
}

/** Keep a value; null forgets the key. */
export function write(key, value) {
  memory.delete(key);
  try {
    if (value === null) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    if (value !== null) memory.set(key, value); // full, or none: at least until the page is left
  }
  window.dispatchEvent(new CustomEvent(CHANGED, { detail: key }));
}

/** All keys that begin with `start`. */
export function keys(start = "") {
  const found = new Set(memory.keys());
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) found.add(name.slice(PREFIX.length));
  } catch {
    // no storage
  }
  return [...found].filter((key) => KEY.test(key) && key.startsWith(start)).sort();
}

/** Call `done` whenever something changes, here or in another tab. */
export function onChange(done) {
  window.addEventListener(CHANGED, done);
  window.addEventListener("storage", done);
}

/** Everything, as the text of a JSON file. */
export function exported() {
  const entries = Object.fromEntries(keys().map((key) => [key, read(key)]));
  return `${JSON.stringify({ gated: FORMAT, entries }, null, 2)}\n`;
}

/** Take in an exported file; how many entries were new or better than what is here.  Nothing done here is lost. */
export function imported(text) {
  let file = null;
  try {
    file = JSON.parse(text);
  } catch {
    // said below
  }
  const entries = file?.gated === FORMAT && file.entries;
  if (!entries || typeof entries !== "object") {
    throw new Error("This is not a file that was exported here. Nothing was changed.");
  }
  const better = Object.entries(entries).filter(([key, value]) => fits(key, value) && !beats(read(key), value));
  for (const [key, value] of better) write(key, value);
  return better.length;
}

/** Forget everything. */
export function erase() {
  for (const key of keys()) write(key, null);
}

function fits(key, value) {
  if (!KEY.test(key)) return false;
  if (key.startsWith("known:")) return value === true;
  if (!value || typeof value !== "object") return false;
  if (key.startsWith("question:")) return typeof value.right === "boolean";
  return typeof value.passed === "boolean" && ["undefined", "string"].includes(typeof value.code);
}

/** Whether what is here is as good as what comes: done work is never replaced by work not done. */
function beats(here, coming) {
  return here !== null && (here === true || here.right || here.passed || !(coming.right || coming.passed));
}

/** Let the reader save a text as a file. */
export function download(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
