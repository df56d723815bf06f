/* Buttons to save, take in and erase what this browser keeps of a reader. */

import { make } from "./make.js";
import { download, erase, exported, imported, keeps, keys } from "./store.js";

const FILE = "gated-progress.json";

export function keeping() {
  const said = make("p", { role: "status", class: "way-said" });
  const file = make("input", { type: "file", accept: "application/json,.json", class: "way-hidden", tabindex: "-1" });
  file.setAttribute("aria-hidden", "true");
  const button = (text, press) => {
    const made = make("button", { type: "button" }, text);
    made.addEventListener("click", press);
    return made;
  };

  file.addEventListener("change", async () => {
    if (!file.files.length) return;
    try {
      const count = imported(await file.files[0].text());
      said.textContent = count === 1 ? "One thing was taken in." : `${count} things were taken in.`;
    } catch (error) {
      said.textContent = error.message;
    }
    file.value = "";
  });
  const save = button("Save as a file", () => {
    const count = keys().length;
    if (count) download(FILE, exported());
    said.textContent = count ? `Saved as ${FILE}.` : "There is nothing to save yet.";
  });
  const load = button("Load a file", () => file.click());
  const forget = button("Erase all", () => {
    const question = "Erase all answers, exercises and marks of this course that this browser keeps?";
    if (!window.confirm(question)) return;
    erase();
    said.textContent = "All is erased.";
  });
  if (!keeps) said.textContent = "This browser keeps nothing here: save a file before you leave the page.";
  return make("div", { class: "way-keeping" }, make("p", {}, save, " ", load, " ", forget, file), said);
}
