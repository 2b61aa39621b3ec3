// A chart's stored data and layout, dressed for this window, these colours and what the reader hid.
// Nothing here touches the page.

/** What a link calls a trace by, so that a further series does not change what an old link shows. */
export const keyOf = (trace, i) => trace.name || `#${i}`;

/** The code a lens chooses a trace by; empty if none does. */
export const codeOf = (trace) => trace.meta?.lens || '';

/** A chart's measure of a key, if it has it. */
export const measured = (spec, key) => spec.measures?.find((measure) => measure.key === key);

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
const isHidden = (trace) => trace.visible === 'legendonly';

/** Lists are replaced and objects merged, which is how a layout is varied for a phone. */
export const merge = (into, from) => {
  for (const [key, value] of Object.entries(from || {})) {
    into[key] = isObject(value) && isObject(into[key]) ? merge(into[key], value) : value;
  }
  return into;
};

const inColours = (chart, swap) => JSON.parse(
  JSON.stringify(chart).replace(/#[0-9a-f]{6}\b/gi, (hex) => swap[hex.toLowerCase()] || hex),
);

const hide = (data, { hidden, lens }) => {
  data.forEach((trace, i) => {
    if (hidden?.has(keyOf(trace, i))) trace.visible = 'legendonly';
    else if (hidden && isHidden(trace)) trace.visible = true;
    if (lens && codeOf(trace)) trace.visible = lens.has(codeOf(trace)) ? true : 'legendonly';
  });
};

/** What is written about a trace bears its name, and goes with it. */
const hideWords = (data, layout) => {
  const gone = new Set(data.filter(isHidden).map((trace) => trace.name));
  for (const note of layout.annotations || []) {
    if (note.name && gone.has(note.name)) note.visible = false;
  }
  for (const trace of data) {
    if (trace.meta?.guide && gone.has(trace.name)) trace.visible = false;
  }
};

/** A hidden lane of a timeline leaves no gap: what stands above it moves down. */
const closeBands = (data, layout) => {
  const shut = data.filter((trace) => isHidden(trace) && trace.meta?.band).map((trace) => trace.meta.band);
  if (!shut.length) return;
  const down = (y) => shut.reduce((sum, [low, high]) => sum - (y > high - 0.05 ? high - low : 0), y);
  for (const trace of data) trace.y = trace.y.map(down);
  for (const note of layout.annotations || []) note.y = down(note.y);
  layout.yaxis.range = layout.yaxis.range.map(down);
};

/**
 * Data and layout for the library.
 *
 * spec: { data, layout, narrow } as stored, and measures, a list of such charts with their keys.
 * view: { narrow, theme, template, hidden, lens, range, measure }; hidden and lens are sets of keys
 * and codes, or null for what the chart shows by itself; range is that of the x axis, or null;
 * measure the key of the measure that is shown in place of what was published, or null.
 */
export const dressed = (spec, view) => {
  const { template, theme, range } = view;
  const shown = measured(spec, view.measure) ?? spec;
  const chart = { data: shown.data, layout: merge(structuredClone(shown.layout), view.narrow ? shown.narrow : {}) };
  const { data, layout } = inColours(chart, theme === 'dark' ? template.swap : {});
  hide(data, view);
  hideWords(data, layout);
  closeBands(data, layout);
  delete layout.width;
  delete layout.height;
  Object.assign(layout, {
    autosize: true, uirevision: `${range} ${shown.key}`, template: { layout: template[theme].layout || template[theme] },
  });
  if (range) layout.xaxis = { ...layout.xaxis, range, autorange: false };
  return [data, layout];
};
