// Live charts: the library is fetched when a reader reaches for the first of them.
import { remember } from './address.js';
import { $, base, json, make } from './dom.js';
import {
  codeOf, dressed, keyOf, measured,
} from './dressing.js';
import { theme } from './theme.js';

const narrow = matchMedia('(max-width: 37.49rem)');
const states = new Map();
let library = null;

/** Codes that every figure with a lens shows; `codes` is null until an address or a reader says. */
export const lens = { codes: null };

/**
 * What is known of a figure: `spec`, `hide`, `x` and `measure` (what the reader set), `at` and `trace` (where the
 * arrow keys stand), `el` (the chart), `open`, `drawn`, `busy`, `opened`, `shut`, `theme`.
 */
export const stateOf = (fig) => {
  if (!states.has(fig)) states.set(fig, {
      hide: null, x: null, measure: null, at: -1, trace: 0,
    });
  return states.get(fig);
};

/** Figures that are live now. */
export const openFigures = () => [...states.keys()].filter((fig) => states.get(fig).open);

/** Call a function when a window becomes narrow or wide. */
export const onWidthChange = (follower) => narrow.addEventListener('change', follower);

const script = (src) => new Promise((done, fail) => {
  document.head.append(make('script', { src, onload: done, onerror: () => fail(new Error(src)) }));
});

/** The library and our template for it; asked for again if it could not be had. */
export const needLibrary = () => {
  library ||= Promise.all([json(`${base}_static/plotly-template.json`), script(`${base}_static/vendor/plotly.min.js`)])
    .then(([template]) => template);
  library.catch(() => { library = null; });
  return library;
};

/** A figure's stored data and layout. */
export const needSpec = (fig) => {
  const state = stateOf(fig);
  state.loading ||= json(fig.dataset.spec).then((spec) => { state.spec = spec; return spec; });
  state.loading.catch(() => { state.loading = null; });
  return state.loading;
};

/** Write what a reader set at a figure into the address: one figure at a time. */
export const rememberFigure = (fig) => {
  const { hide, x, measure } = stateOf(fig);
  const hidden = [...(hide || [])];
  const any = hidden.length || x || measure;
  remember({
    fig: any ? fig.dataset.fig : '', hide: hidden, x: x ? x.join() : '', as: measure || '',
  });
};

/** The measure that a figure is shown in, if it is not what was published. */
export const measureOf = (fig) => {
  const { spec, measure } = stateOf(fig);
  return spec && measured(spec, measure);
};

const isChosenByReader = (fig, trace) => trace.visible === 'legendonly' && !(fig.dataset.lens && codeOf(trace));

const listen = (fig) => {
  const state = stateOf(fig);
  state.el.on('plotly_restyle', () => {
    state.hide = new Set(state.el.data.flatMap((trace, i) => (isChosenByReader(fig, trace) ? [keyOf(trace, i)] : [])));
    rememberFigure(fig);
  });
  state.el.on('plotly_relayout', (change) => {
    if ('xaxis.range[0]' in change) state.x = [change['xaxis.range[0]'], change['xaxis.range[1]']];
    else if (change['xaxis.autorange']) state.x = null;
    else return;
    rememberFigure(fig);
  });
};

/** Draw a figure, or draw it anew, into its `el`. */
export const draw = async (fig) => {
  const state = stateOf(fig);
  const template = await needLibrary();
  const [data, layout] = dressed(state.spec, {
    narrow: narrow.matches,
    theme: theme(),
    template,
    hidden: state.hide,
    lens: fig.dataset.lens ? lens.codes : null,
    range: state.x,
    measure: state.measure,
  });
  await Plotly.react(state.el, data, layout, { responsive: true, displaylogo: false, displayModeBar: false });
  if (!state.drawn) listen(fig);
  state.drawn = true;
};

/** Take the library's chart away. */
export const undraw = (fig) => {
  const state = stateOf(fig);
  if (state.drawn) Plotly.purge(state.el);
  if (state.el) state.el.hidden = true;
  state.drawn = false;
};

/** What each figure's live chart needs before it is drawn; its box keeps its place meanwhile. */
export const prepare = async (fig) => {
  const state = stateOf(fig);
  await Promise.all([needLibrary(), needSpec(fig)]);
  state.el = $('.fig-live', fig);
  state.el.hidden = false;
};
