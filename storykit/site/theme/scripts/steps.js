// Arrow keys in a live chart: left and right through the points of a trace, up and down through the traces.
import { stateOf } from './charts.js';
import { say } from './dom.js';

const known = (trace, i) => trace.x[i] != null && trace.y[i] != null;

const isData = (trace) => trace.visible !== false && trace.visible !== 'legendonly' && trace.hoverinfo !== 'skip'
  && !trace.meta?.guide && trace.x && trace.y && trace.x.some((_, i) => known(trace, i));

/** A whole number of four digits may be a year and is said without a comma. */
const plainNumber = (value) => (typeof value === 'number'
  ? value.toLocaleString('en', { maximumFractionDigits: 3, useGrouping: value > 9999 || value % 1 !== 0 })
  : String(value).replace(/<br>/g, ' '));

/** A point in words: those of the chart's own label, if it has some, because they carry units and caveats. */
export const wordsOf = (trace, at) => {
  const label = Array.isArray(trace.hovertext) && trace.hovertext[at];
  if (label) return label.replace(/<br>/g, ', ').replace(/<[^>]*>/g, '');
  const pair = [trace.x[at], trace.y[at]];
  if (trace.orientation === 'h') pair.reverse();
  return `${trace.name ? `${trace.name}, ` : ''}${plainNumber(pair[0])}: ${plainNumber(pair[1])}`;
};

/**
 * Where an arrow key leads from { trace, at }: the same with `curve`, the trace's place in data.
 * `trace` counts those that hold data, and `at` its points. Null where there is nothing further.
 */
export const stepped = (data, { trace, at }, key) => {
  const curves = data.flatMap((each, i) => (isData(each) ? [i] : []));
  if (!curves.length) return null;
  if (key === 'ArrowUp' || key === 'ArrowDown') {
    trace = (trace + (key === 'ArrowDown' ? 1 : curves.length - 1)) % curves.length;
    at = -1;
    key = 'ArrowRight';
  }
  const curve = curves[trace % curves.length];
  const last = data[curve].x.length - 1;
  do at += key === 'ArrowRight' ? 1 : -1; while (at >= 0 && at <= last && !known(data[curve], at));
  return at < 0 || at > last ? null : { trace, at, curve };
};

/** Take a step in a live chart: show that point's label, and say it. */
export const step = (fig, key) => {
  const state = stateOf(fig);
  const next = stepped(state.el.data, state, key);
  if (!next) return;
  state.trace = next.trace;
  state.at = next.at;
  try {
    Plotly.Fx.hover(state.el, [{ curveNumber: next.curve, pointNumber: next.at }]);
  } catch { /* a point out of the shown range has no label; it is still said */ }
  say(wordsOf(state.el.data[next.curve], next.at));
};
