// The layer over a picture: what it says, when it asks for it, and what happens if that cannot be had.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { open, script } from './page.js';

const FIGURE = (name) => `<figure class="fig" data-fig="${name}" data-kind="chart" data-marks data-spec="_figures/${name}.json">
  <div class="fig-stage"><div class="fig-live" hidden></div><button class="fig-open">Explore</button></div>
  <details class="fig-table"><summary>Table</summary></details></figure>`;

const window = open(FIGURE('one') + FIGURE('two') + FIGURE('lost'));
document.documentElement.dataset.root = '../';
const { closeTip, startLayer } = await script('hover');

const MARKS = {
  names: ['one'], bars: [], lines: [], heads: ['Port'], tolds: ['1 ship', '2 ships'], hrefs: ['places/port.html', ''],
  trace: [0, 0], head: [0, 0], told: [0, 1], href: [0, 1], outlines: {},
  wide: [[100, 100], [50, 0], [8, 0], [8, 0]], narrow: [[50, 50], [50, 0], [8, 0], [8, 0]],
};

Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
let asked = [];
let failed = 0;
console.warn = () => {};
globalThis.fetch = async (url) => {
  asked.push(url);
  return { ok: !url.includes('lost'), status: 404, json: async () => MARKS };
};

const figure = (name) => document.querySelector(`[data-fig=${name}]`);
const layer = (name) => document.querySelector(`[data-fig=${name}] .fig-marks`);
const key = (name, pressed, more = {}) => {
  layer(name).dispatchEvent(new window.KeyboardEvent('keydown', { key: pressed, bubbles: true, cancelable: true, ...more }));
};
const settled = () => new Promise((done) => { setTimeout(done, 5); });
for (const name of ['one', 'two', 'lost']) startLayer(figure(name), `Title of ${name}.`, () => { failed += 1; });

beforeEach(() => { closeTip(); asked = []; });

test('a layer can be reached by keys, has the name of its figure, and has asked for nothing yet', () => {
  assert.equal(layer('one').tabIndex, 0);
  assert.match(layer('one').getAttribute('aria-label'), /^Title of one\./);
  assert.deepEqual(asked, []);
});

test('arrow keys show a mark, say it, and Escape takes it away', async () => {
  layer('one').dispatchEvent(new window.Event('focus'));
  await settled();
  assert.deepEqual(asked, ['_figures/one.marks.json']);
  key('one', 'ArrowRight');
  assert.equal(layer('one').querySelector('.tip').textContent, 'Port1 shipOpen its row');
  assert.equal(document.querySelector('.sr').textContent, 'Port\n1 ship');
  assert.equal(closeTip(), true);
  assert.equal(layer('one').querySelector('.tip'), null);
  assert.equal(closeTip(), false);
});

test('Enter follows the link to the row, or opens the table where a mark is no row', () => {
  let followed = '';
  const follow = (event) => { followed = event.target.getAttribute('href'); event.preventDefault(); };
  document.addEventListener('click', follow);
  key('one', 'ArrowRight');
  key('one', 'Enter');
  assert.equal(followed, '../places/port.html');
  key('one', 'ArrowRight');
  key('one', 'Enter');
  assert.equal(figure('one').querySelector('details').open, true);
  document.removeEventListener('click', follow);
});

test('keys with Ctrl are the browser\'s', () => {
  key('one', 'ArrowRight', { ctrlKey: true });
  assert.equal(layer('one').querySelector('.tip'), null);
});

test('one thing is said at a time, and a press elsewhere ends it', async () => {
  layer('two').dispatchEvent(new window.Event('focus'));
  await settled();
  key('one', 'ArrowRight');
  key('two', 'ArrowRight');
  assert.equal(document.querySelectorAll('.tip').length, 1);
  assert.ok(layer('two').querySelector('.tip'));
  document.body.dispatchEvent(new window.Event('pointerdown', { bubbles: true }));
  assert.equal(document.querySelectorAll('.tip').length, 0);
});

test('where the marks cannot be had the layer goes, and the figure is told', async () => {
  layer('lost').dispatchEvent(new window.Event('focus'));
  await settled();
  assert.equal(layer('lost'), null);
  assert.equal(failed, 1);
});
