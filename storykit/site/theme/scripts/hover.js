// A layer over a figure's picture: pointer, tap and arrow keys get what a mark says, without the charting library.
import {
  $, base, json, make, say,
} from './dom.js';
import {
  marksOf, nearest, stepped, wordsOf,
} from './marks.js';

const narrow = matchMedia('(max-width: 37.49rem)');
const WIDTHS = [760, 360]; // px of the two pictures
const GAP = 14; // px between a mark and what is said of it
const EDGE = 8; // px that stay free at the edges of the window

const tip = make('div', { className: 'tip' });
const ring = make('div');
let shown = null; // the layer that says something now: { fig, layer, marks, mark, pinned }

const paths = new Map(); // outline -> its path, made when a pointer first asks
let paper;
const inside = (outline, x, y) => {
  paper ??= make('canvas').getContext('2d');
  if (!paths.has(outline)) paths.set(outline, new Path2D(outline));
  return paper.isPointInPath(paths.get(outline), x, y);
};

const pictureNow = () => Number(narrow.matches);

/** Stop saying anything; whether something was said. */
export const closeTip = () => {
  if (!shown) return false;
  shown.layer.replaceChildren();
  shown.layer.className = 'fig-marks';
  Object.assign(shown, { mark: null, pinned: false });
  shown = null;
  return true;
};

// A finger that taps elsewhere takes no focus away.
document.addEventListener('pointerdown', (event) => {
  if (shown && !shown.layer.contains(event.target)) closeTip();
});

const clamp = (value, end) => Math.max(EDGE, Math.min(value, end));

/** Beside the mark where there is room, else above or below it; always inside the window. */
const placeTip = (layer, x, y, reach) => {
  const frame = layer.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = tip;
  const most = document.documentElement.clientWidth - EDGE - width;
  const [at, up, away] = [frame.left + x, frame.top + y, reach + GAP];
  let [left, top] = [at + away, up - height / 2];
  if (left > most) left = at - away - width;
  if (left < EDGE) {
    left = at - width / 2;
    top = up - away - height;
    if (top < EDGE) top = up + away;
  }
  tip.style.translate = `${clamp(left, most) - frame.left}px ${clamp(top, innerHeight - EDGE - height) - frame.top}px`;
};

const fill = ({ head, lines }, href) => tip.replaceChildren(
  make('b', { textContent: head }),
  ...lines.map(([textContent, own]) => make('span', { textContent, className: own ? 'own' : '' })),
  ...(href ? [make('a', { href: base + href, textContent: 'Open its row' })] : []),
);

const show = (state, mark, pinned) => {
  if (shown !== state) closeTip();
  shown = Object.assign(state, { mark, pinned });
  const { layer, marks } = state;
  const picture = pictureNow();
  const scale = layer.clientWidth / WIDTHS[picture];
  const [x, y, w, h] = ['x', 'y', 'w', 'h'].map((part) => mark.at[picture][part] * scale);
  const words = wordsOf(marks, mark, picture);
  const many = words.lines.length > 1;
  fill(words, mark.href);
  layer.className = `fig-marks${many ? ' at-date' : ''}${pinned ? ' is-pinned' : ''}`;
  layer.style.setProperty('--x', `${x}px`);
  ring.className = mark.at[picture].outline ? '' : `tip-ring${mark.bar ? ' is-bar' : ''}`;
  ring.style.cssText = `left:${x - w / 2}px;top:${y - h / 2}px;width:${w}px;height:${h}px`;
  layer.replaceChildren(ring, tip);
  placeTip(layer, x, y, many || mark.bar ? 0 : w / 2);
};

const point = (state, event, pinned) => {
  if (!state.marks || tip.contains(event.target)) return; // they could not be had, or the pointer is at the words
  const frame = state.layer.getBoundingClientRect();
  const picture = pictureNow();
  const scale = WIDTHS[picture] / frame.width;
  const [x, y] = [(event.clientX - frame.left) * scale, (event.clientY - frame.top) * scale];
  const mark = nearest(state.marks, picture, x, y, inside);
  if (mark && (mark !== state.mark || pinned !== state.pinned)) show(state, mark, pinned);
  else if (!mark && shown === state) closeTip();
};

/** The row of what is shown, else the table of its figure. */
const follow = (fig) => {
  const [row, table] = [$('a', tip), $('.fig-table', fig)];
  if (row) row.click();
  else if (table) {
    table.open = true;
    $('summary', table).focus();
  }
};

/** Go on to the next mark that way, show it and say it. */
const step = (state, key) => {
  const mark = state.marks && stepped(state.marks, state.mark, pictureNow(), key);
  if (!mark) return;
  show(state, mark, true);
  say(`${mark.head}\n${mark.told}`);
};

const press = (state, event, need) => {
  if (event.target !== state.layer || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Enter' && state.mark) follow(state.fig);
  if (!event.key.startsWith('Arrow')) return;
  event.preventDefault();
  if (state.marks) step(state, event.key);
  else need().then(() => step(state, event.key)); // a key, too, may come before the marks
};

const listen = (state, need) => {
  const { layer } = state;
  let last = null; // a pointer may come, and go, before the marks
  const meet = (event, pinned) => {
    last = event;
    need().then(() => { if (last === event) point(state, event, pinned); });
  };
  layer.addEventListener('pointermove', (event) => {
    if (event.pointerType !== 'touch' && !state.pinned) meet(event, false);
  });
  layer.addEventListener('pointerleave', () => {
    last = null;
    if (shown === state && !state.pinned) closeTip();
  });
  layer.addEventListener('click', (event) => meet(event, true));
  layer.addEventListener('focus', need);
  layer.addEventListener('blur', (event) => {
    if (shown === state && !layer.contains(event.relatedTarget)) closeTip();
  });
  layer.addEventListener('keydown', (event) => press(state, event, need));
};

/** Call a function when an element is about to be seen; not with Save-Data, where only who asks gets more. */
const whenSeen = (element, call) => {
  if (navigator.connection?.saveData || !globalThis.IntersectionObserver) return;
  const watcher = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    call();
  }, { rootMargin: '25%' });
  watcher.observe(element);
};

/** Let a figure's picture answer; call `failed` if what its marks say cannot be had. */
export const startLayer = (fig, title, failed) => {
  const layer = make('div', { className: 'fig-marks', tabIndex: 0 });
  layer.setAttribute('role', 'application');
  layer.setAttribute('aria-label', `${title} Arrow keys step through the values, Enter opens the row.`);
  const state = { fig, layer, mark: null, pinned: false };
  let loading = null;
  const need = () => {
    loading ||= json(fig.dataset.spec.replace(/json$/, 'marks.json')).then((data) => { state.marks = marksOf(data); }).catch((error) => {
      console.warn(error);
      layer.remove();
      failed();
    });
    return loading;
  };
  listen(state, need);
  $('.fig-live', fig).before(layer);
  whenSeen(layer, need);
};
