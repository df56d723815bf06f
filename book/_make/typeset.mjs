// node typeset.mjs SITE KATEX: set every formula of the pages under SITE with KaTeX, and take MathJax out of them.
// KATEX is the folder of the installed package.  Prints how many formulas it set; exits 1 with one line for each it cannot.

import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [site, package_] = process.argv.slice(2);
const { default: katex } = await import(pathToFileURL(path.join(package_, "dist/katex.mjs")));

const INLINE = /(<span class="math[^"]*">)\\\(([\s\S]*?)\\\)(<\/span>)([,.;:?!)]*)/g;
const DISPLAY = /(<div class="(?:amsmath )?math[^"]*"[^>]*>\s*(?:<span class="eqno">[\s\S]*?<\/a><\/span>)?)\s*(?:\\\[([\s\S]*?)\\\]|(\\begin[\s\S]*?))\s*(<\/div>)/g;
const MATHJAX = /<script[^>]*>window\.MathJax = [\s\S]*?<\/script>|<script[^>]*src="[^"]*mathjax[^"]*"[^>]*><\/script>/gi;
const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&#x27;": "'" };

const SHORT = 30;

let count = 0;
const problems = [];

function set(tex, displayMode, page) {
  const source = tex.replace(/&(?:amp|lt|gt|quot|#39|#x27);/g, (entity) => ENTITIES[entity]).trim();
  try {
    const html = katex.renderToString(source, { displayMode, throwOnError: true, strict: "ignore", output: "htmlAndMathml" });
    count += 1;
    return html;
  } catch (error) {
    problems.push(`${page.replace(/html$/, "md")}: KaTeX cannot set ${JSON.stringify(source)}: ${error.message}`);
    return tex;
  }
}

const pages = fs.readdirSync(site, { recursive: true }).filter((name) => name.endsWith(".html"));
for (const page of pages) {
  const file = path.join(site, page);
  const before = fs.readFileSync(file, "utf8");
  const formulas = count;
  let html = before
    .replace(INLINE, (_, open, tex, close, stop) => {
      const formula = open + set(tex, false, page) + close;
      // A comma must not begin the next line; a long formula must stay free to break inside itself.
      return stop && tex.length < SHORT ? `<span class="no-break">${formula}${stop}</span>` : formula + stop;
    })
    .replace(DISPLAY, (_, open, tex, bare, close) => open + set(tex ?? bare, true, page) + close)
    .replace(MATHJAX, "");
  if (count > formulas) {
    const up = "../".repeat(page.split(path.sep).length - 1);
    html = html.replace("</head>", `<link rel="stylesheet" href="${up}_static/katex/katex.min.css" />\n</head>`);
  }
  if (html !== before) fs.writeFileSync(file, html);
}

for (const problem of problems) console.error(problem);
console.log(count);
process.exit(problems.length ? 1 : 0);
