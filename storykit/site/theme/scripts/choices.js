// What a reader may choose under a chart: a lens (codes shared by all figures that have one) or the names of its
// series, its years, and how its values are counted. The build worked out all values; nothing is counted here.
import { asked, remember } from './address.js';
import {
  draw, lens, needSpec, rememberFigure, stateOf,
} from './charts.js';
import { $, $$, make } from './dom.js';
import { codeOf } from './dressing.js';
import {
  hydrate, liveFigures, opener, tellMeasure, trouble,
} from './figures.js';

/** What a chart's series are chosen by -> the words for it. */
export const optionsOf = (data, shared) => {
  const options = new Map();
  for (const trace of data) {
    const key = shared ? codeOf(trace) : trace.name;
    if (key && !trace.meta?.guide) options.set(key, trace.name || key);
  }
  return options;
};

/** The first and the last year that a chart's series have. */
export const yearsOf = (data) => {
  const years = data.flatMap((trace) => (trace.meta?.series ? trace.x : [])).filter(Boolean).map((day) => Number(day.slice(0, 4)));
  return [Math.min(...years), Math.max(...years)];
};

const redraw = async (fig) => {
  if (!stateOf(fig).open) return hydrate(fig);
  await draw(fig);
  return tellMeasure(fig);
};

const set = (fig, changes) => {
  Object.assign(stateOf(fig), changes);
  rememberFigure(fig);
  return redraw(fig);
};

const chooseSeries = (fig, key, shown) => {
  const hide = new Set(stateOf(fig).hide);
  hide[shown ? 'delete' : 'add'](key);
  return set(fig, { hide });
};

const showLens = async () => {
  for (const fig of liveFigures().filter((each) => each.dataset.lens)) {
    for (const input of $$('.fig-choose [type=checkbox]', fig)) input.checked = lens.codes.has(input.value);
    await redraw(fig);
  }
};

const chooseCode = (code, shown, options) => {
  lens.codes ||= new Set(options.keys());
  lens.codes[shown ? 'add' : 'delete'](code);
  remember({ lens: [...lens.codes].join() || 'none' });
  return showLens();
};

const group = (words, ...parts) => make('fieldset', {}, make('legend', { textContent: words }), ...parts);

const tick = (properties, words, change) => {
  const input = make('input', properties);
  input.addEventListener('change', () => change(input));
  return make('label', { className: 'check' }, input, words);
};

const seriesGroup = (fig, words, { data }) => {
  const shared = Boolean(fig.dataset.lens);
  const options = optionsOf(data, shared);
  const { hide } = stateOf(fig);
  return group(words, ...[...options].map(([key, text]) => {
    const checked = shared ? !lens.codes || lens.codes.has(key) : !hide?.has(key);
    return tick({ type: 'checkbox', value: key, checked }, text, (input) => (
      shared ? chooseCode(key, input.checked, options) : chooseSeries(fig, key, input.checked)));
  }));
};

const yearsGroup = (fig, words, { data }) => {
  const [first, last] = yearsOf(data);
  const years = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const [from, to] = (stateOf(fig).x || [`${first}`, `${last}`]).map((day) => Number(day.slice(0, 4)));
  const selects = [from, to].map((at) => make('select', {}, ...years.map((year) => new Option(year, year, false, year === at))));
  const choose = () => {
    const [a, b] = selects.map((select) => Number(select.value)).sort((x, y) => x - y);
    set(fig, { x: a === first && b === last ? null : [`${a}-01-01`, `${b}-12-31`] });
  };
  for (const select of selects) select.addEventListener('change', choose);
  return group(words, ...['from', 'to'].map((side, i) => make('label', { className: 'check' }, side, selects[i])));
};

const measuresGroup = (fig, words, { measures }) => group(words, ...[{ key: '', words: 'As published' }, ...measures].map(
  ({ key, words: told }) => tick({
    type: 'radio', name: `as-${fig.dataset.fig}`, value: key, checked: (stateOf(fig).measure || '') === key,
  }, told, () => set(fig, { measure: key || null })),
));

const fill = async (fig, box) => {
  const spec = await needSpec(fig);
  const { choose, series } = fig.dataset;
  if (series) box.append(seriesGroup(fig, series, spec));
  if (/years/i.test(choose)) box.append(yearsGroup(fig, 'Years', spec));
  if (spec.measures) box.append(measuresGroup(fig, 'Counted', spec));
};

const chooser = (fig) => {
  const box = make('details', { className: 'fig-choose' }, make('summary', { textContent: fig.dataset.choose }));
  box.addEventListener('toggle', () => {
    if (box.open && !$('fieldset', box)) fill(fig, box).catch((error) => trouble(fig, error));
  });
  opener(fig).after(box);
};

/** Before figures start: what the lens shows is known when the first of them is drawn. */
export const startChoices = () => {
  const figures = liveFigures();
  figures.filter((fig) => fig.dataset.choose).forEach(chooser);
  const first = figures.map((fig) => fig.dataset.lens).find(Boolean);
  if (first) lens.codes = new Set(first.split(','));
};

/** After figures started: show what the address asks for. */
export const showAskedLens = () => {
  const codes = asked().get('lens');
  if (!codes || !liveFigures().some((fig) => fig.dataset.lens)) return;
  lens.codes = new Set(codes.split(','));
  showLens();
};
