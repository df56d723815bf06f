/* The exercises of a page: an editor, Python and the notebook's own check, nothing of it loaded before it is asked for.

Python runs in one worker for the whole page (lib/python.js); the editor is a script of its own (editor.js).  What was
written is kept in this browser, and can be taken away as a notebook. */

import { make } from "./lib/make.js";
import { ask, stop, whyNot } from "./lib/python.js";
import { download, read, write } from "./lib/store.js";

const HERE = document.querySelector('script[src*="_js/try_it.js"]').src;

for (const section of document.querySelectorAll("section.try")) set(section);

function set(section) {
  const exercise = {
    section,
    key: section.dataset.task,
    ...JSON.parse(section.querySelector('script[type="application/json"]').textContent),
    hints: [...section.querySelectorAll(".try-hint")],
    kept: read(`task:${section.dataset.task}`) ?? { passed: false },
  };
  section.querySelector(".try-stub").replaceWith(editorOf(exercise));
  exercise.buttons = buttonsOf(exercise);
  exercise.status = make("p", { class: "try-status", role: "status" });
  exercise.result = make("div", { class: "try-result", role: "region", "aria-label": "Result", tabindex: "0" });
  exercise.result.hidden = true;
  section.querySelector(".try-hints").before(exercise.buttons.row, exercise.status, exercise.result);
  exercise.state = make("span", { class: "try-state" });
  section.querySelector(".try-title").append(" ", exercise.state);
  exercise.hints.forEach((hint, place) => (hint.hidden = place >= (exercise.kept.hints ?? 0)));
  const why = whyNot();
  if (why) {
    exercise.status.textContent = `${why} The notebook below has the same exercise.`;
    for (const name of ["run", "check"]) exercise.buttons[name].disabled = true;
  }
  showState(exercise);
}

/** A plain text area, which becomes a highlighting editor when somebody enters it. */
function editorOf(exercise) {
  const { section, stub, kept } = exercise;
  const id = `${section.id}-code`;
  const area = make("textarea", {
    id,
    rows: Math.max(8, (kept.code ?? stub).split("\n").length + 1),
    spellcheck: "false",
    autocapitalize: "off",
    autocomplete: "off",
  });
  area.value = kept.code ?? stub;
  exercise.area = area;
  exercise.code = () => area.value;
  exercise.setCode = (text) => (area.value = text);
  area.addEventListener("input", () => keepCode(exercise));
  area.addEventListener("focus", () => withHighlighting(exercise), { once: true });
  const label = make("label", { for: id, class: "try-label" }, "Your code");
  return make("div", { class: "try-editor" }, label, area);
}

async function withHighlighting(exercise) {
  try {
    const editor = await loadEditor();
    editor.mount(exercise.area, exercise, () => keepCode(exercise));
  } catch {
    // the text area does all that is needed
  }
}

let loading = null;
function loadEditor() {
  loading ??= new Promise((done, failed) => {
    const script = make("script", { src: HERE.replace("try_it.js", "editor.js") });
    script.onload = () => done(window.gatedEditor);
    script.onerror = failed;
    document.head.append(script);
  });
  return loading;
}

function buttonsOf(exercise) {
  const button = (words, act, more = {}) => {
    const made = make("button", { type: "button", ...more }, words);
    made.addEventListener("click", () => act(exercise));
    return made;
  };
  const buttons = {
    run: button("Run", run),
    check: button("Check", check, { class: "try-main" }),
    stop: button("Stop", halt, { hidden: true }),
    hint: button("Hint", hint),
    reset: button("Reset", reset),
    save: button("Download as notebook", save),
  };
  buttons.hint.hidden = !exercise.hints.length;
  buttons.row = make("div", { class: "try-buttons" }, ...Object.values(buttons));
  return buttons;
}

function keepCode(exercise, more = {}) {
  exercise.kept = { ...exercise.kept, code: exercise.code(), ...more };
  write(`task:${exercise.key}`, exercise.kept);
}

function showState({ state, kept }) {
  state.textContent = kept.passed ? "passed" : "";
}

/** The reader's own code for the tasks before, or what the notebook has there. */
function earlierOf({ key, earlier }) {
  const [assignment] = key.split(".");
  return earlier.map(([task, stub]) => read(`task:${assignment}.${task}`)?.code ?? stub);
}

function unwritten({ key, needs }) {
  const [assignment] = key.split(".");
  return needs.filter((task) => !read(`task:${assignment}.${task}`)?.passed);
}

async function inPython(exercise, kind) {
  const { buttons, status } = exercise;
  const [assignment, task] = exercise.key.split(".");
  const request = { kind, assignment, task, setup: exercise.setup, earlier: earlierOf(exercise), code: exercise.code() };
  buttons.run.disabled = buttons.check.disabled = true;
  buttons.stop.hidden = false;
  exercise.result.hidden = true;
  const limit = Number(new URLSearchParams(location.search).get("limit")) || undefined;
  const answer = await ask(request, (words) => (status.textContent = words), limit);
  buttons.run.disabled = buttons.check.disabled = false;
  buttons.stop.hidden = true;
  status.textContent = answer.stopped ?? "";
  return answer;
}

function show(exercise, ...content) {
  exercise.result.replaceChildren(...content);
  exercise.result.hidden = !content.length;
}

async function run(exercise) {
  const answer = await inPython(exercise, "run");
  if (answer.stopped) return;
  if (answer.error) exercise.status.textContent = "Your code stopped with an error.";
  else exercise.status.textContent = answer.printed ? "It printed:" : "It ran, and printed nothing.";
  const printed = [answer.printed, answer.error].filter(Boolean).join("\n");
  show(exercise, ...(printed ? [make("pre", {}, printed)] : []));
}

async function check(exercise) {
  keepCode(exercise);
  const answer = await inPython(exercise, "check");
  if (answer.stopped) return;
  const parts = [];
  if (answer.error) parts.push(make("p", {}, "Your code stopped with an error:"), make("pre", {}, answer.error));
  if (answer.html) parts.push(...fromHtml(answer.html));
  const missing = answer.passed ? [] : unwritten(exercise);
  if (missing.length) {
    parts.push(make("p", {}, `This task builds on ${missing.join(", ")}, which has not passed its check here yet. `));
  }
  exercise.section.dataset.verdict = answer.passed ? "passed" : "failed";
  exercise.section.dataset.mistake = answer.mistake ?? "";
  exercise.status.textContent = answer.passed ? "All checks pass." : "Not right yet.";
  show(exercise, ...parts);
  keepCode(exercise, { passed: exercise.kept.passed || Boolean(answer.passed) });
  showState(exercise);
}

/** What the check says as HTML, made by autograder.learner, which escapes all that is not its own. */
function fromHtml(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  for (const block of holder.content.querySelectorAll("pre")) block.tabIndex = 0;
  return [...holder.content.childNodes];
}

function halt() {
  stop("Stopped. Your code is as it was.");
}

function hint(exercise) {
  const opened = Math.min((exercise.kept.hints ?? 0) + 1, exercise.hints.length);
  const next = exercise.hints[opened - 1];
  next.hidden = false;
  next.open = true;
  next.querySelector("summary").focus();
  keepCode(exercise, { hints: opened });
  exercise.buttons.hint.disabled = opened === exercise.hints.length;
}

function reset(exercise) {
  if (exercise.code() !== exercise.stub && !confirm("Throw away what you wrote for this task?")) return;
  exercise.setCode(exercise.stub);
  keepCode(exercise);
  exercise.status.textContent = "As it was at the start.";
  show(exercise);
}

/** The exercise's notebook with the reader's code in its cells. */
async function save(exercise) {
  const [assignment] = exercise.key.split(".");
  try {
    const notebook = await (await fetch(exercise.notebook)).json();
    for (const cell of notebook.cells) {
      const name = cell.metadata?.nbgrader?.solution && cell.metadata.nbgrader.grade_id.replace(/_answer$/, "");
      const code = name && (`${assignment}.${name}` === exercise.key ? exercise.code() : read(`task:${assignment}.${name}`)?.code);
      if (code && cell.cell_type === "code") cell.source = code;
    }
    download(`${assignment}.ipynb`, JSON.stringify(notebook, null, 1));
  } catch {
    exercise.status.textContent = "The notebook could not be fetched. Follow the link below, and paste your code there.";
  }
}
