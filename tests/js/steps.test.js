import assert from 'node:assert/strict';
import { test } from 'node:test';

import { open, script } from './page.js';

open('');
const { stepped, wordsOf } = await script('steps');

const DATA = [
  { name: 'one', x: ['2016', '2017', '2018'], y: [1, null, 3] },
  { name: 'guide', x: [1], y: [1], meta: { guide: true } },
  { name: 'hidden', x: [1], y: [1], visible: 'legendonly' },
  { name: 'two', x: ['2016'], y: [7] },
];

test('arrows go through known points only, and stop at the ends', () => {
  const first = stepped(DATA, { trace: 0, at: -1 }, 'ArrowRight');
  assert.deepEqual(first, { trace: 0, at: 0, curve: 0 });
  const second = stepped(DATA, first, 'ArrowRight');
  assert.equal(second.at, 2);
  assert.equal(stepped(DATA, second, 'ArrowRight'), null);
  assert.equal(stepped(DATA, first, 'ArrowLeft'), null);
});

test('up and down go round the series that can be seen, to their first point', () => {
  assert.deepEqual(stepped(DATA, { trace: 0, at: 2 }, 'ArrowDown'), { trace: 1, at: 0, curve: 3 });
  assert.deepEqual(stepped(DATA, { trace: 0, at: 2 }, 'ArrowUp'), { trace: 1, at: 0, curve: 3 });
  assert.deepEqual(stepped(DATA, { trace: 1, at: 0 }, 'ArrowDown'), { trace: 0, at: 0, curve: 0 });
});

test('nothing to step through is no fault', () => {
  assert.equal(stepped([DATA[1]], { trace: 0, at: -1 }, 'ArrowRight'), null);
});

test('a point is said in the words of its label, without markup', () => {
  assert.equal(wordsOf({ hovertext: ['<b>2016</b><br>1 ship'], x: [1], y: [1] }, 0), '2016, 1 ship');
});

test('a point without a label is said by series, place and value; years have no comma', () => {
  assert.equal(wordsOf({ name: 'one', x: [2016], y: [12345.5] }, 0), 'one, 2016: 12,345.5');
  assert.equal(wordsOf({ x: [3], y: ['a<br>b'], orientation: 'h' }, 0), 'a b: 3');
});
