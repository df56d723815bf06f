/* What is wider than the page scrolls inside itself, and must then be reached by keyboard.  The theme sees to code and
tables; this sees to formulas and to what cells have written. */

const scrollers = document.getElementsByClassName("katex-display");
const outputs = document.getElementsByClassName("cell_output");

function reachable() {
  for (const box of [...scrollers, ...outputs])
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
}

document.addEventListener("DOMContentLoaded", reachable);
document.fonts.addEventListener("loadingdone", reachable);
window.addEventListener("resize", reachable);
