// node bundle.mjs SOURCES OUT PACKAGES: bundle every SOURCES/NAME.js into OUT/NAME.js, a classic script, minified.
// PACKAGES is the folder node_modules.  Exits 1 with one line for each problem.

import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [sources, out, packages] = process.argv.slice(2);
const { default: esbuild } = await import(pathToFileURL(path.join(packages, "esbuild/lib/main.js")));

const entries = fs.readdirSync(sources).filter((name) => name.endsWith(".js"));
try {
  await esbuild.build({
    entryPoints: entries.map((name) => path.join(sources, name)),
    outdir: out,
    bundle: true,
    format: "iife",
    minify: true,
    target: "es2020",
    nodePaths: [packages],
    logLevel: "silent",
  });
} catch (error) {
  for (const { text, location } of error.errors ?? [{ text: error.message }]) {
    console.error(`book/_js/${location ? `${path.basename(location.file)}, line ${location.line}` : ""}: ${text}`);
  }
  process.exit(1);
}
