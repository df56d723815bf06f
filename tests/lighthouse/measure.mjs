// node measure.mjs PACKAGES CHROMIUM URL...: Lighthouse on each page, as a phone and as a desk computer.
// Prints one line of JSON a measurement: {url, form, performance, accessibility, best-practices, seo, failed: [...]}.

import path from "node:path";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [packages, chromium, ...urls] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(createRequire(path.join(packages, "x.js")).resolve(name)));
const { default: lighthouse, desktopConfig } = await load("lighthouse");
const { launch } = await load("chrome-launcher");

const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
const flags = ["--headless", "--no-sandbox", "--disable-gpu"];
const chrome = await launch({ chromePath: chromium, chromeFlags: flags, logLevel: "silent" });
for (const url of urls) {
  for (const [form, config] of [["mobile", undefined], ["desktop", desktopConfig]]) {
    const { lhr } = await lighthouse(url, { port: chrome.port, logLevel: "silent", onlyCategories: CATEGORIES }, config);
    const scores = Object.fromEntries(CATEGORIES.map((name) => [name, Math.round(lhr.categories[name].score * 100)]));
    const weighed = CATEGORIES.slice(1).flatMap((name) => lhr.categories[name].auditRefs.filter(({ weight }) => weight > 0));
    const failed = weighed.map(({ id }) => lhr.audits[id]).filter(({ score }) => score !== null && score < 1);
    console.log(JSON.stringify({ url, form, ...scores, failed: failed.map(({ title }) => title) }));
  }
}
await chrome.kill();
