/* Small line charts in SVG: axes with ticks, lines told apart by their dashes and by a name at their end. */

const SVG = "http://www.w3.org/2000/svg";
const LEFT = 44;
const BOTTOM = 22;
const TOP = 8;
const DASHES = ["", "7 4", "2 3"];
const CLASSES = ["live-line-0", "live-line-1", "live-line-2"];

export function svg(tag, attributes = {}, ...content) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...content);
  return element;
}

/** A mark in a line's own colour. */
export const inColour = (place) => CLASSES[place];

/** A chart that fits its holder.  x, y: {from, to, ticks, label}; a tick is a number or [number, words]. */
export function chart(holder, { height, x, y, lines, right = 60, label }) {
  const root = svg("svg", { role: "img", "aria-label": label, class: "live-chart" });
  const [axes, drawn] = [svg("g"), svg("g")];
  holder.append(root);
  let [width, data, marks] = [0, [], []];
  const atX = (value) => LEFT + ((value - x.from) / (x.to - x.from)) * (width - LEFT - right);
  const atY = (value) => TOP + ((y.to - value) / (y.to - y.from)) * (height - TOP - BOTTOM);

  function frame() {
    const parts = [];
    for (const tick of y.ticks) {
      const [value, words] = Array.isArray(tick) ? tick : [tick, tick];
      parts.push(svg("line", { class: "live-grid", x1: LEFT, x2: width - right, y1: atY(value), y2: atY(value) }));
      parts.push(svg("text", { x: LEFT - 6, y: atY(value) + 4, "text-anchor": "end" }, String(words).replace("-", "−")));
    }
    for (const tick of x.ticks) {
      const anchor = { x: atX(tick), y: height - BOTTOM + 16, "text-anchor": "middle" };
      parts.push(svg("text", anchor, String(tick)));
    }
    if (x.label) parts.push(svg("text", { x: width - 2, y: height - BOTTOM + 16, "text-anchor": "end" }, x.label));
    return parts;
  }

  function paths() {
    const ends = [];
    const parts = data.map((points, place) => {
      const d = points.map(([px, py], at) => `${at ? "L" : "M"}${atX(px).toFixed(1)} ${atY(py).toFixed(1)}`).join("");
      const [lastX, lastY] = points.at(-1);
      ends.push({ place, x: atX(lastX), y: atY(lastY) });
      return svg("path", { d, class: `live-line ${CLASSES[place]}`, "stroke-dasharray": DASHES[place], fill: "none" });
    });
    return [...parts, ...names(ends)];
  }

  /** The lines' names, moved apart where two lines end together. */
  function names(ends) {
    let below = height - BOTTOM + 19;
    return ends
      .sort((a, b) => b.y - a.y)
      .map(({ place, x: endX, y: endY }) => {
        below = Math.min(endY + 4, below - 15);
        const at = { x: endX + 6, y: below, class: `live-name ${CLASSES[place]}` };
        return svg("text", at, lines[place]);
      });
  }

  function fit() {
    width = Math.max(260, holder.clientWidth); // asked for only when it has changed: it makes the browser lay out the page
    root.setAttribute("viewBox", `0 0 ${width} ${height}`);
    root.setAttribute("width", width);
    root.setAttribute("height", height);
    axes.replaceChildren(...frame());
    draw();
  }

  function draw() {
    if (!width) return;
    drawn.replaceChildren(...paths(), ...marks.map((mark) => mark(atX, atY, svg)));
  }

  root.append(axes, drawn);
  new ResizeObserver(fit).observe(holder);
  return {
    root,
    /** Show new points, [[x, y], ...] a line; marks are functions that draw more. */
    show(points, more = []) {
      [data, marks] = [points, more];
      draw();
    },
    /** Where a pointer's place lies in the chart's own numbers. */
    from(event) {
      const box = root.getBoundingClientRect();
      const [px, py] = [event.clientX - box.left, event.clientY - box.top];
      return {
        x: x.from + ((px - LEFT) / (width - LEFT - right)) * (x.to - x.from),
        y: y.to - ((py - TOP) / (height - TOP - BOTTOM)) * (y.to - y.from),
      };
    },
  };
}
