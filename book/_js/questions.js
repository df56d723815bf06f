/* The questions of a chapter as forms.

The page holds each question as a list of options with their reasons folded (book/_ext/questions.py).  Here the options
become radio buttons, and the reason of the one that was chosen is shown once the reader has answered. */

import { make } from "./lib/make.js";
import { questionDone } from "./lib/progress.js";
import { read, write } from "./lib/store.js";

const sections = [...document.querySelectorAll("section.question")];
const questions = sections.map(set);
showCount();

function set(section) {
  const { question: slug, kind } = section.dataset;
  const list = section.querySelector(".question-options");
  const options = [...list.children].map((item) => ({
    name: item.dataset.option,
    right: "right" in item.dataset,
    choice: item.querySelector(".question-choice"),
    reason: item.querySelector(".question-reason"),
  }));
  const button = make("button", { type: "submit" }, "Answer");
  const result = make("div", { class: "question-result", role: "status" });
  const state = make("span", { class: "question-state" });
  const title = section.querySelector(".question-title");
  title.append(" ", state);
  const legend = make("legend", {}, kind === "predict" ? "Your prediction" : "Your answer");
  const fieldset = make("fieldset", {}, legend, ...options.map((option) => row(slug, option)));
  const form = make("form", { "aria-labelledby": title.id }, fieldset, make("p", {}, button), result);
  const question = { slug, kind, section, options, form, button, result, state };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.dataset.answered) startOver(question);
    else answer(question);
  });
  form.addEventListener("change", () => {
    if (form.dataset.answered) clear(question);
    else if (result.textContent) result.replaceChildren();
  });
  list.replaceWith(form);
  restore(question);
  return question;
}

function row(slug, option) {
  const id = `question-${slug}-${option.name}`;
  option.input = make("input", { type: "radio", name: "choice", value: option.name, id });
  if (option.choice.querySelector(".katex")) option.input.setAttribute("aria-label", spoken(option.choice));
  option.row = make("div", { class: "question-row" }, option.input, make("label", { for: id }, option.choice));
  return option.row;
}

/** The words of an option; browsers leave formulas out of a label, so each is given as it was typed. */
function spoken(choice) {
  const copy = choice.cloneNode(true);
  for (const formula of copy.querySelectorAll(".katex")) {
    formula.replaceWith(formula.querySelector("annotation")?.textContent ?? formula.textContent);
  }
  return copy.textContent.trim();
}

function answer(question) {
  const chosen = question.options.find((option) => option.input.checked);
  if (!chosen) {
    question.result.replaceChildren(make("p", {}, "Choose one of the options first."));
    return;
  }
  const before = read(`question:${question.slug}`);
  const tries = (before?.tries ?? 0) + 1;
  // What was once right stays so; of a prediction the first one counts.
  const right = question.kind === "predict" && before ? before.right : chosen.right || Boolean(before?.right);
  write(`question:${question.slug}`, { right, tries, chosen: chosen.name });
  show(question, chosen);
  showCount();
}

function show(question, chosen) {
  const { kind, options, form, button, result } = question;
  const all = kind === "predict";
  form.dataset.answered = "yes";
  chosen.row.toggleAttribute("data-chosen", true);
  if (all || chosen.right) for (const option of options) option.row.toggleAttribute("data-right", option.right);
  button.textContent = all || chosen.right ? "Start over" : "Try again";

  const others = options.filter((option) => option !== chosen);
  const parts = [chosen.reason];
  if (all) parts.push(...others.map(told));
  else if (chosen.right) {
    parts.push(make("details", {}, make("summary", {}, "Why not the others?"), ...others.map(told)));
  }
  result.replaceChildren(...parts);
  showState(question);
}

/** An option with its reason, for when another one was chosen. */
function told(option) {
  const choice = option.choice.cloneNode(true);
  for (const element of choice.querySelectorAll("[id]")) element.removeAttribute("id");
  return make("div", { class: "question-other" }, make("p", {}, choice), option.reason);
}

function clear({ options, form, button, result }) {
  for (const option of options) {
    for (const mark of ["data-chosen", "data-right"]) option.row.removeAttribute(mark);
  }
  delete form.dataset.answered;
  button.textContent = "Answer";
  result.replaceChildren();
}

function startOver(question) {
  clear(question);
  question.form.reset();
  question.options[0].input.focus();
}

/** What was answered before the page was loaded again. */
function restore(question) {
  const record = read(`question:${question.slug}`);
  const chosen = question.options.find((option) => option.name === record?.chosen);
  question.form.reset(); // a browser may remember another choice
  if (chosen) {
    chosen.input.checked = true;
    show(question, chosen);
  }
  showState(question);
}

function showState({ slug, kind, state }) {
  const record = read(`question:${slug}`);
  if (!record) state.textContent = "";
  else if (kind === "predict") state.textContent = "predicted";
  else state.textContent = record.right ? "answered" : "not yet right";
}

/** Below the last question: how many are done, and the next that is not. */
function showCount() {
  if (sections.length < 2) return;
  const open = questions.find(({ slug, kind }) => !questionDone(slug, kind));
  const done = questions.filter(({ slug, kind }) => questionDone(slug, kind)).length;
  const line = document.querySelector(".question-count") ?? make("p", { class: "question-count" });
  line.replaceChildren(`You have answered ${done} of the ${questions.length} questions on this page. `);
  if (open && done) {
    const place = questions.indexOf(open) + 1;
    line.append(make("a", { href: `#${open.section.id}` }, `Go on with question ${place}`), ".");
  } else if (!open) line.append("That is all of them.");
  sections[sections.length - 1].after(line);
}
