// The nearest of some names to one that is not among them.

const pairs = (name) => {
  const found = new Set();
  for (let at = 0; at < name.length - 1; at += 1) found.add(name.slice(at, at + 2));
  return found;
};

/** How alike two names are, by the pairs of letters they share: 0 to 1. */
const likeness = (one, other) => {
  const [a, b] = [pairs(one), pairs(other)];
  let shared = 0;
  for (const pair of a) if (b.has(pair)) shared += 1;
  return a.size + b.size ? (2 * shared) / (a.size + b.size) : 0;
};

const ENOUGH = 0.4;

/** The names most like one, best first; none if nothing is alike. */
export const nearest = (name, names, most = 1) => names
  .map((other) => [likeness(name.toLowerCase(), other.toLowerCase()), other])
  .filter(([alike]) => alike >= ENOUGH)
  .sort((a, b) => b[0] - a[0])
  .slice(0, most)
  .map(([, other]) => other);
