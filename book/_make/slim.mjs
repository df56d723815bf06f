// node slim.mjs SITE PACKAGES PLAN: one stylesheet and one script for all pages.
// PLAN is a JSON file: {"styles": [...], "scripts": [...], "style": NAME, "script": NAME}, paths under SITE.
// A rule that no page and no script of SITE can match is left out.  Prints nothing; exits 1 with one line a problem.

import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [site, packages, planFile] = process.argv.slice(2);
const require = createRequire(pathToFileURL(path.join(packages, "x.js")));
const { PurgeCSS } = require("purgecss");
const { transform } = require("lightningcss");
const esbuild = require("esbuild");
const plan = JSON.parse(fs.readFileSync(planFile, "utf8"));

// What only a running page has: classes that Bootstrap and the theme put there, and marks of the chosen theme.
const SAFE = {
  standard: [/^show$/, /^collaps/, /^tooltip/, /^bs-tooltip/, /^highlighted$/, /^copybtn/, /^search/, /^scrolled$/],
  greedy: [/data-bs-/, /data-theme/, /data-mode/],
};
const WORD = /[A-Za-z0-9_-]+/g;

// A stylesheet with what it imports in its place, its addresses written for the folder of the merged one.
function readStyle(name) {
  const folder = path.posix.dirname(name);
  const home = path.posix.dirname(plan.style);
  return fs
    .readFileSync(path.join(site, name), "utf8")
    .replace(/@charset[^;]*;/g, "")
    .replace(/@import\s+(?:url\()?["']([^"')]+)["']\)?\s*;/g, (_, file) => readStyle(path.posix.join(folder, file)))
    .replace(/url\(\s*(["']?)(?!data:|#)([^"')?#]+)([?#][^"')]*)?\1\s*\)/g, (all, _, file) =>
      file.startsWith("/") ? all : `url("${path.posix.relative(home, path.posix.join(folder, file))}")`,
    );
}

function allFiles(folder, ending) {
  const names = fs.readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(ending));
  return names.map((name) => path.join(folder, name));
}

// purgecss looks only at words, so the words of all pages, each once, are as good as the pages, and far quicker.
function wordsOf(files) {
  const words = new Set();
  for (const file of files) {
    const text = fs.readFileSync(file, "utf8").replace(/<(script|style)[\s\S]*?<\/\1>/g, (script) => script.slice(0, 20000));
    for (const tag of file.endsWith(".html") ? text.match(/<[a-z!][^>]*>/g) ?? [] : [text]) {
      for (const word of tag.match(WORD) ?? []) words.add(word);
    }
  }
  return [...words].join(" ");
}

try {
  const styles = plan.styles.map(readStyle).join("\n");
  const words = wordsOf([...allFiles(site, ".html"), ...allFiles(path.join(site, "_js"), ".js"), ...plan.scripts.map((name) => path.join(site, name))]);
  const [{ css }] = await new PurgeCSS().purge({
    content: [{ raw: words, extension: "html" }],
    css: [{ raw: styles }],
    defaultExtractor: (text) => text.match(WORD) ?? [],
    safelist: SAFE,
    fontFace: false,
    variables: false,
  });
  const small = transform({ filename: plan.style, code: Buffer.from(css), minify: true, errorRecovery: true });
  fs.writeFileSync(path.join(site, plan.style), small.code);

  const scripts = plan.scripts.map((name) => fs.readFileSync(path.join(site, name), "utf8")).join(";\n");
  const { code } = await esbuild.transform(scripts, { minify: true, target: "es2020", legalComments: "none" });
  fs.writeFileSync(path.join(site, plan.script), code);
} catch (error) {
  console.error(`The site's styles and scripts cannot be merged: ${String(error.message).split("\n")[0]}`);
  process.exit(1);
}
