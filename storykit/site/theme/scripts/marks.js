// The marks of a figure's picture: what the build took from it, and which of them is meant. Nothing here touches the page.

const FAR = 48; // px of the picture: what lies further from a mark is not about it
const BESIDE = 12; // px: so near a mark on an area, the mark is meant
const ACROSS = 3; // a line is read by its dates: a pixel to the side counts as three up

const summed = (changes) => {
  let sum = 0;
  return changes.map((change) => {
    sum += change;
    return sum;
  });
};

/** A list of marks, each { trace, name, head, told, href, bar, line, at: [in the wide picture, in the narrow one] }. */
export const marksOf = (data) => {
  const [trace, head, told, href] = ['trace', 'head', 'told', 'href'].map((name) => summed(data[name]));
  const places = [data.wide, data.narrow].map((columns) => columns.map(summed));
  return trace.map((curve, i) => ({
    trace: curve,
    name: data.names[curve],
    head: data.heads[head[i]],
    told: data.tolds[told[i]],
    href: data.hrefs[href[i]],
    bar: data.bars.includes(curve),
    line: data.lines.includes(curve),
    at: places.map(([x, y, w, h], picture) => ({
      x: x[i], y: y[i], w: w[i], h: h[i], outline: data.outlines[i]?.[picture],
    })),
  }));
};

const distance = (mark, place, x, y, inside) => {
  if (place.outline) return inside(place.outline, x, y) ? BESIDE : Infinity;
  const dx = Math.abs(x - place.x);
  const dy = Math.abs(y - place.y);
  if (mark.line) return Math.hypot(ACROSS * dx, dy);
  // Of marks that overlap, the one whose middle is nearer.
  return Math.hypot(Math.max(0, dx - place.w / 2), Math.max(0, dy - place.h / 2)) + Math.hypot(dx, dy) / 100;
};

/** The mark that is meant by a place in a picture (0 wide, 1 narrow), the upper one if two are; null if none is. */
export const nearest = (marks, picture, x, y, inside) => {
  let [found, least] = [null, Infinity];
  for (const mark of marks) {
    const away = distance(mark, mark.at[picture], x, y, inside);
    if (away <= least && (mark.line || away <= FAR)) [found, least] = [mark, away];
  }
  return found;
};

const dateOf = (mark) => mark.told.split(': ', 1)[0];

/** All lines at the date of a mark, from top to bottom; only itself where there is no other. */
export const atDate = (marks, mark, picture) => {
  if (!mark.line) return [mark];
  const { x } = mark.at[picture];
  return marks
    .filter((other) => other.line && dateOf(other) === dateOf(mark) && Math.abs(other.at[picture].x - x) < 2)
    .sort((a, b) => a.at[picture].y - b.at[picture].y);
};

/** What is said at a mark: a heading, and lines, each with whether it is the mark's own. */
export const wordsOf = (marks, mark, picture) => {
  const peers = atDate(marks, mark, picture);
  if (peers.length < 2) return { head: mark.head, lines: [[mark.told, false]] };
  const date = dateOf(mark);
  const value = (peer) => peer.told.slice(date.length + 2).split('\n', 1)[0].replace(/ \([^)]*\)$/, '');
  return { head: date, lines: peers.map((peer) => [`${peer.name}: ${value(peer)}`, peer === mark]) };
};

/** Where an arrow key leads: left and right along a trace, up and down to the nearest mark of another; null at an end. */
export const stepped = (marks, mark, picture, key) => {
  const traces = [...new Set(marks.map((each) => each.trace))];
  const forth = key === 'ArrowRight' || key === 'ArrowDown';
  if (!mark) return marks[forth ? 0 : marks.length - 1] ?? null;
  if (traces.length < 2 || key === 'ArrowLeft' || key === 'ArrowRight') {
    const own = marks.filter((each) => each.trace === mark.trace);
    return own[own.indexOf(mark) + (forth ? 1 : -1)] ?? null;
  }
  const turn = traces.indexOf(mark.trace) + (forth ? 1 : traces.length - 1);
  const others = marks.filter((each) => each.trace === traces[turn % traces.length]);
  const { x, y } = mark.at[picture];
  const away = ({ at }) => Math.hypot(at[picture].x - x, at[picture].y - y);
  return others.reduce((best, each) => (away(each) < away(best) ? each : best));
};
