// Checkboxes under a chart: a lens (codes shared by all figures that have one) or the names of its series.
import { asked, remember } from './address.js';
import {
  draw, lens, needSpec, rememberFigure, stateOf,
} from './charts.js';
import { $, $$, make } from './dom.js';
import { codeOf } from './dressing.js';
import {
  hydrate, liveFigures, opener, trouble,
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

const redraw = (fig) => (stateOf(fig).open ? draw(fig) : hydrate(fig));

const chooseSeries = (fig, key, shown) => {
  const state = stateOf(fig);
  state.hide ||= new Set();
  state.hide[shown ? 'delete' : 'add'](key);
  rememberFigure(fig);
  return redraw(fig);
};

const showLens = async () => {
  for (const fig of liveFigures().filter((each) => each.dataset.lens)) {
    for (const input of $$('.fig-choose input', fig)) input.checked = lens.codes.has(input.value);
    await redraw(fig);
  }
};

const chooseCode = (code, shown, options) => {
  lens.codes ||= new Set(options.keys());
  lens.codes[shown ? 'add' : 'delete'](code);
  remember({ lens: [...lens.codes].join() || 'none' });
  return showLens();
};

const fill = async (fig, box, words, shared) => {
  const options = optionsOf((await needSpec(fig)).data, shared);
  const set = make('fieldset', {}, make('legend', { className: 'sr', textContent: words }));
  for (const [key, text] of options) {
    const { hide } = stateOf(fig);
    const checked = shared ? !lens.codes || lens.codes.has(key) : !hide?.has(key);
    const input = make('input', { type: 'checkbox', value: key, checked });
    input.addEventListener('change', () => (
      shared ? chooseCode(key, input.checked, options) : chooseSeries(fig, key, input.checked)));
    set.append(make('label', { className: 'check' }, input, text));
  }
  box.append(set);
};

const chooser = (fig, words, shared) => {
  const box = make('details', { className: 'fig-choose' }, make('summary', { textContent: words }));
  box.addEventListener('toggle', () => {
    if (box.open && !$('fieldset', box)) fill(fig, box, words, shared).catch((error) => trouble(fig, error));
  });
  opener(fig).after(box);
};

/** Before figures start: what the lens shows is known when the first of them is drawn. */
export const startChoices = () => {
  const figures = liveFigures();
  const lenses = figures.filter((fig) => fig.dataset.lens);
  for (const fig of figures) {
    if (fig.dataset.lens) chooser(fig, JSON.parse(fig.dataset.lens).label, true);
    if (fig.dataset.filter) chooser(fig, JSON.parse(fig.dataset.filter).label, false);
  }
  const first = lenses.map((fig) => JSON.parse(fig.dataset.lens).default).find((codes) => codes?.length);
  if (first) lens.codes = new Set(first);
};

/** After figures started: show what the address asks for. */
export const showAskedLens = () => {
  const codes = asked().get('lens');
  if (!codes || !liveFigures().some((fig) => fig.dataset.lens)) return;
  lens.codes = new Set(codes.split(','));
  showLens();
};
