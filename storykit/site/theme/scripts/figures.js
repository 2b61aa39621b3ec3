// Figures: a picture that answers by itself, and on Explore a live chart or map in the same place.
import { asked } from './address.js';
import {
  draw, measureOf, onWidthChange, openFigures, prepare, stateOf, undraw,
} from './charts.js';
import {
  $, $$, base, make, ready,
} from './dom.js';
import { startLayer } from './hover.js';
import { dressMap, frameMap, unframeMap } from './maps.js';
import { step } from './steps.js';
import { onThemeChange } from './theme.js';

const REST = 150; // ms: a pointer that only passes on its way down the page is not a reader reaching for the chart
const MEANT = 800; // ms: a pointer that rested on the way to the button opened the chart first; the press meant Explore

const isMap = (fig) => fig.dataset.kind === 'map';
const stageOf = (fig) => $('.fig-stage', fig);
const titleOf = (fig) => ($('.fig-title', fig) || $('h1')).textContent.trim();

/** The button that opens a figure. */
export const opener = (fig) => $('.fig-open', fig);

const label = (fig, open) => {
  opener(fig).textContent = open ? 'Back to picture' : isMap(fig) ? 'Open the map' : 'Explore';
};

const note = (fig, text) => { $('.fig-said', fig).textContent = text; };

/** Say at a figure what its live chart shows, if it is not what was published. */
export const tellMeasure = (fig) => {
  const measure = measureOf(fig);
  note(fig, measure ? `Shown: ${measure.words}, worked out from the published values. ` : '');
  if (!measure?.by) return;
  $('.fig-said', fig).append('People of the same years: ', make('a', { href: `${base}series/${measure.by}.html`, textContent: 'the series' }), '.');
};

/** Say at a figure that its live version cannot be had. */
export const trouble = (fig, error) => {
  console.warn(error);
  note(fig, 'The live version could not be loaded; the picture and the table hold the same values.');
};

/** Back to the picture. */
const still = (fig) => {
  const state = stateOf(fig);
  const stage = stageOf(fig);
  if (stage.contains(document.activeElement)) opener(fig).focus();
  undraw(fig);
  unframeMap(fig);
  state.open = false;
  note(fig, '');
  // A pointer that happens to lie there has not asked again.
  state.shut = stage.matches(':hover');
  stage.classList.remove('is-live');
  label(fig, false);
};

const show = async (fig) => {
  const state = stateOf(fig);
  const stage = stageOf(fig);
  stage.setAttribute('aria-busy', 'true');
  try {
    await prepare(fig);
    state.open = true;
    // Transparent until drawn: the picture stays in sight and the box does not move.
    state.el.style.opacity = 0;
    await draw(fig);
    state.el.style.opacity = '';
    stage.classList.add('is-live');
    state.opened = performance.now();
    state.el.tabIndex = 0;
    state.el.setAttribute('role', 'application');
    state.el.setAttribute('aria-label', `${titleOf(fig)} Arrow keys step through the values, Escape returns to the picture.`);
    label(fig, true);
    tellMeasure(fig);
  } catch (error) {
    still(fig);
    trouble(fig, error);
  }
  stage.removeAttribute('aria-busy');
  state.busy = null;
};

/** Make a chart live, unless it is or is about to be. */
export const hydrate = async (fig) => {
  const state = stateOf(fig);
  if (!state.open && !state.busy) state.busy = show(fig);
  return state.busy;
};

const openMap = (fig) => {
  const frame = frameMap(fig, titleOf(fig));
  stageOf(fig).classList.add('is-live');
  stateOf(fig).open = true;
  label(fig, true);
  frame.focus();
};

const toggle = async (fig) => {
  const { open, busy, opened } = stateOf(fig);
  const meant = busy || performance.now() - opened < MEANT;
  if (open && !meant) return still(fig);
  if (isMap(fig)) return openMap(fig);
  await hydrate(fig);
  if (stateOf(fig).open) stateOf(fig).el.focus();
};

const redress = () => {
  for (const fig of openFigures()) {
    if (isMap(fig)) dressMap(fig);
    else draw(fig);
  }
};

/** A picture whose marks are not known: who reaches for it gets the live chart. */
const listenToPicture = (fig, picture) => {
  picture.addEventListener('click', () => (isMap(fig) ? toggle(fig) : hydrate(fig)));
  if (isMap(fig)) return;
  let rest = 0;
  picture.addEventListener('pointerenter', (event) => {
    if (event.pointerType !== 'touch' && !stateOf(fig).shut) rest = setTimeout(() => hydrate(fig), REST);
  });
  picture.addEventListener('pointerleave', () => clearTimeout(rest));
};

const listenToKeys = (fig, chart) => {
  chart.addEventListener('keydown', (event) => {
    if (!event.key.startsWith('Arrow') || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    step(fig, event.key);
  });
};

/** What the address asks of a figure, set and shown. */
const fromAddress = (fig) => {
  const query = asked();
  if (query.get('fig') !== fig.dataset.fig || !['hide', 'x', 'as'].some((key) => query.get(key))) return;
  const state = stateOf(fig);
  if (query.get('hide')) state.hide = new Set(query.getAll('hide'));
  state.measure = query.get('as');
  if (query.get('x')) state.x = query.get('x').split(',').slice(0, 2);
  if (!location.hash) fig.scrollIntoView();
  hydrate(fig);
};

const begin = (fig) => {
  const stage = stageOf(fig);
  const said = make('p', { className: 'fig-said' });
  said.setAttribute('role', 'status');
  stage.append(said);
  stage.addEventListener('pointerleave', () => { stateOf(fig).shut = false; });
  opener(fig).addEventListener('click', () => toggle(fig));
  const withoutMarks = () => $$('picture', stage).forEach((picture) => listenToPicture(fig, picture));
  if ('marks' in fig.dataset) startLayer(fig, titleOf(fig), withoutMarks);
  else withoutMarks();
  listenToKeys(fig, $('.fig-live', stage));
  fromAddress(fig);
  ready(stage);
};

/** Figures of the page that can become live: without a browser at build time there are tables only. */
export const liveFigures = () => $$('.fig[data-fig]').filter(opener);

export const startFigures = () => {
  onThemeChange(redress);
  onWidthChange(redress);
  liveFigures().forEach(begin);
};

/** Take the figure that holds the focus back to its picture; whether there was one. */
export const closeFigure = () => {
  const stage = document.activeElement?.closest('.fig-stage.is-live');
  if (stage) still(stage.closest('.fig'));
  return Boolean(stage);
};
