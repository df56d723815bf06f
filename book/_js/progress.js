/* How far a reader is, on the landing page: what was answered right and what passed its check, nothing else. */

import { keeping } from "./lib/keeping.js";
import { make } from "./lib/make.js";
import { questionDone, taskDone } from "./lib/progress.js";
import { onChange } from "./lib/store.js";

const place = document.querySelector(".progress-so-far");
const pages = JSON.parse(place.querySelector("script").textContent);
const nothing = place.querySelector("p");
const sum = make("p", {});
const next = make("p", { class: "progress-next" });
const list = make("ul", { class: "progress-list" });
place.append(sum, next, list, make("details", {}, make("summary", {}, "Keep what I have done"), keeping()));

function counted({ title, url, questions, tasks }) {
  const open = [
    ...questions.filter(([slug, kind]) => !questionDone(slug, kind)).map(([slug]) => `#question-${slug}`),
    ...tasks.filter((name) => !taskDone(name)).map((name) => `#try-${name.replace(".", "-")}`),
  ];
  const total = questions.length + tasks.length;
  return {
    title,
    url,
    total,
    questions: [questions.filter(([slug, kind]) => questionDone(slug, kind)).length, questions.length],
    tasks: [tasks.filter(taskDone).length, tasks.length],
    done: total - open.length,
    next: open[0] ?? "",
  };
}

function show() {
  const counts = pages.map(counted);
  const begun = counts.filter(({ done }) => done);
  nothing.hidden = begun.length > 0;
  sum.hidden = next.hidden = list.hidden = !begun.length;
  if (!begun.length) return;
  sum.textContent = `So far: ${inWords(total(counts, "questions"), total(counts, "tasks"))}.`;
  goOn(counts);
  list.replaceChildren(...begun.map(row));
}

function total(counts, what) {
  return [0, 1].map((part) => counts.reduce((sum, each) => sum + each[what][part], 0));
}

function inWords([answered, questions], [passed, tasks]) {
  const parts = [];
  if (questions) parts.push(`${answered} of ${questions} ${questions === 1 ? "question" : "questions"} answered`);
  if (tasks) parts.push(`${passed} of ${tasks} ${tasks === 1 ? "exercise" : "exercises"} passed`);
  return parts.join(", ");
}

/** The first thing that is open on the last page that was begun and not finished, or on the page after the last. */
function goOn(counts) {
  const open = counts.filter(({ done, total }) => done < total);
  const begun = open.filter(({ done }) => done);
  const last = counts.findLastIndex(({ done }) => done);
  const after = begun[begun.length - 1] ?? open.find((each) => counts.indexOf(each) > last) ?? open[0];
  if (!after) next.replaceChildren("That is all that there is. Now build something with it.");
  else next.replaceChildren("Go on with ", make("a", { href: after.url + after.next }, after.title), ".");
}

function row({ title, url, questions, tasks, done, total }) {
  const words = inWords(questions, tasks);
  const bar = make("progress", { max: total, value: done, "aria-label": `${title}: ${words}` });
  return make("li", {}, make("a", { href: url }, title), bar, make("span", {}, words));
}

onChange(show);
show();
