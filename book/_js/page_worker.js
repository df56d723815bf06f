/* The worker that Python runs in: fetches Python from `py/` beside the scripts, then runs and checks what a page sends.

In:   {id, kind: "run" | "check", setup, earlier, code, assignment, task}
Out:  {kind: "fetching", got, of}, {kind: "ready", words}, {kind: "broken", words}, {id, answer} */

const HOME = new URL("../py/", self.location.href).href;
const PACKED = ".packed";
const COURSE = "/course";
const FIRST = ["pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip", "numpy.zip", "course.zip"];
const TYPES = { wasm: "application/wasm", zip: "application/zip", js: "text/javascript" };

const fetchPlain = self.fetch.bind(self);
const opened = new Set();
let sizes = {};
let got = 0;

/** A file of ours, inflated; tells the page how far it is. */
async function unpacked(name) {
  const reply = await fetchPlain(HOME + name + PACKED);
  if (!reply.ok) throw new Error(`The site has no file py/${name + PACKED}.`);
  const counted = new TransformStream({
    transform(chunk, out) {
      got += chunk.byteLength;
      postMessage({ kind: "fetching", got, of: FIRST.reduce((sum, each) => sum + (sizes[each + PACKED] ?? 0), 0) });
      out.enqueue(chunk);
    },
  });
  const body = reply.body.pipeThrough(counted).pipeThrough(new DecompressionStream("gzip"));
  return new Response(body, { headers: { "content-type": TYPES[name.split(".").pop()] } });
}

// Pyodide fetches its parts by name, and finds ours.
self.fetch = (url, options) => {
  const name = String(url?.url ?? url).split("/").pop();
  return name + PACKED in sizes ? unpacked(name) : fetchPlain(url, options);
};

async function start() {
  sizes = await (await fetchPlain(`${HOME}files.json`)).json();
  const [script, numpy, course] = await Promise.all(["pyodide.asm.js", "numpy.zip", "course.zip"].map(unpacked));
  importScripts(`${HOME}pyodide.js`);
  importScripts(URL.createObjectURL(await script.blob()));
  const python = await loadPyodide({ indexURL: HOME, checkAPIVersion: false });
  const packages = python.runPython("import sysconfig; sysconfig.get_path('purelib')");
  python.unpackArchive(await numpy.arrayBuffer(), "zip", { extractDir: packages });
  python.unpackArchive(await course.arrayBuffer(), "zip", { extractDir: COURSE });
  python.runPython(`import sys; sys.path.insert(0, "${COURSE}"); import page`);
  const words = python.runPython("import sys, numpy; f'Python {sys.version.split()[0]}, NumPy {numpy.__version__}'");
  postMessage({ kind: "ready", words });
  return python;
}

const starting = start();
starting.catch((error) => postMessage({ kind: "broken", words: String(error.message ?? error) }));

async function withCases(python, assignment) {
  if (opened.has(assignment)) return;
  const cases = await unpacked(`${assignment}.zip`);
  python.unpackArchive(await cases.arrayBuffer(), "zip", { extractDir: COURSE });
  opened.add(assignment);
}

async function answer({ kind, assignment, task, setup, earlier, code }) {
  const python = await starting;
  const page = python.pyimport("page");
  const before = python.toPy(earlier);
  if (kind === "check") await withCases(python, assignment);
  const made = kind === "run" ? page.run(setup, before, code) : page.check(assignment, task, setup, before, code);
  return made.toJs({ dict_converter: Object.fromEntries });
}

onmessage = async ({ data }) => {
  try {
    postMessage({ id: data.id, answer: await answer(data) });
  } catch (error) {
    postMessage({ id: data.id, answer: { passed: false, error: String(error.message ?? error) } });
  }
};
