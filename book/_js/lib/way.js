/* The shortest way to some stops of the map. */

/** All that has to be done for the goals and is not known, each after what it needs.

stops: {name: {needs: [...]}}; order: all names, each after what it needs; known: a function of a name. */
export function shortestWay(stops, order, goals, known) {
  const wanted = new Set();
  const want = (name) => {
    if (wanted.has(name) || known(name)) return;
    wanted.add(name);
    stops[name].needs.forEach(want);
  };
  goals.forEach(want);
  return order.filter((name) => wanted.has(name));
}

/** Minutes as hours and minutes. */
export function inHours(minutes) {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  const parts = [hours ? `${hours} h` : "", rest || !hours ? `${rest} min` : ""];
  return parts.filter(Boolean).join(" ").replaceAll(" ", "\u00a0");
}
