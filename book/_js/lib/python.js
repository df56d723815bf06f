/* Python in a worker: started at the first question, one question at a time, stopped by a button or when time is up. */

const WORKER = "_js/page_worker.js";
const LIMIT = 20; // seconds for one answer, once Python is there
const LOST = "Python could not be started here";

let worker = null;
let ready = false;
let waiting = null;
let number = 0;

/** Why there can be no Python on this page, in a sentence, or "". */
export function whyNot() {
  if (location.protocol === "file:") return "Python runs in this page only when a server sends it, not from a file.";
  if (typeof WebAssembly !== "object" || typeof DecompressionStream !== "function" || typeof Worker !== "function") {
    return "This browser cannot run Python in a page (it lacks WebAssembly or what goes with it).";
  }
  if (!document.documentElement.dataset.contentRoot) return `${LOST}.`;
  return "";
}

function workerAddress() {
  return new URL(document.documentElement.dataset.contentRoot + WORKER, location.href).href;
}

/** Ask Python; `say` is told in words how far it is.  The answer has `stopped`, a sentence, where there is none. */
export function ask(request, say, limit = LIMIT) {
  if (waiting) return Promise.resolve({ stopped: "Python is at work on another exercise of this page. Try again soon." });
  return new Promise((done) => {
    waiting = { id: ++number, request, say, limit, done };
    if (!worker) start();
    else send();
  });
}

/** Stop what is running.  The next question starts a new Python, from what the browser has kept. */
export function stop(words) {
  worker?.terminate();
  worker = null;
  ready = false;
  finish({ stopped: words });
}

function start() {
  waiting.say("Starting Python: about 8 MB are fetched, once.");
  worker = new Worker(workerAddress());
  worker.onmessage = ({ data }) => hear(data);
  worker.onerror = () => stop(`${LOST}: its files are missing from this site.`);
}

function hear(data) {
  if (data.kind === "fetching") waiting?.say(`Fetching Python: ${inMegabytes(data.got)} of ${inMegabytes(data.of)} MB`);
  else if (data.kind === "broken") stop(`${LOST}: ${data.words}`);
  else if (data.kind === "ready") {
    ready = true;
    if (waiting) send();
  } else if (data.id === waiting?.id) finish(data.answer);
}

function send() {
  if (!ready) return;
  waiting.say("Running ...");
  const { id, request, limit } = waiting;
  waiting.timer = setTimeout(() => {
    stop(`Stopped after ${limit} seconds. Is there a loop that never ends? Your code is as it was.`);
  }, limit * 1000);
  worker.postMessage({ id, ...request });
}

function finish(answer) {
  if (!waiting) return;
  clearTimeout(waiting.timer);
  const { done } = waiting;
  waiting = null;
  done(answer);
}

const inMegabytes = (bytes) => (bytes / 1e6).toFixed(1);
