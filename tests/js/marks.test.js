// What the build takes from a picture, read back, and which mark is meant.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { open, script } from './page.js';

open('');
const {
  atDate, marksOf, nearest, stepped, wordsOf,
} = await script('marks');

/** Two lines over three dates (one without the second), a bar, and an area; numbers are written by how they change. */
const DATA = {
  names: ['one', 'two', 'bars', 'area'],
  bars: [2],
  lines: [0, 1],
  heads: ['One', 'Two', 'A bar', 'An area'],
  tolds: ['2016: 1 ship', '2017: 2 ships', '2018: 3 ships (a guess)\nas stated', '2016: 9', '2018: 8', 'kept: 4', 'RM5'],
  hrefs: ['series/one.html#o-2016', ''],
  trace: [0, 0, 0, 1, 0, 1, 1],
  head: [0, 0, 0, 1, 0, 1, 1],
  told: [0, 1, 1, 1, 1, 1, 1],
  href: [0, 1, 0, 0, 0, 0, 0],
  wide: [
    [100, 100, 100, -200, 200, 200, 100],
    [200, -50, -50, -50, 0, 350, 0],
    [8, 0, 0, 0, 0, 92, -50],
    [8, 0, 0, 0, 0, 12, 30],
  ],
  narrow: [
    [50, 50, 50, -100, 100, 100, 50],
    [200, -50, -50, -50, 0, 350, 0],
    [8, 0, 0, 0, 0, 42, -25],
    [8, 0, 0, 0, 0, 12, 30],
  ],
  outlines: { 6: ['wide path', 'narrow path'] },
};
const marks = marksOf(DATA);
const nowhere = () => false;

test('lists of changes become marks, with a place in each picture', () => {
  assert.equal(marks.length, 7);
  const [first, , third, , , bar, area] = marks;
  assert.deepEqual([first.head, first.told, first.href, first.line], ['One', '2016: 1 ship', 'series/one.html#o-2016', true]);
  assert.equal(marks[1].href, '');
  assert.deepEqual(third.at.map(({ x, y, w }) => [x, y, w]), [[300, 100, 8], [150, 100, 8]]);
  assert.deepEqual([bar.bar, bar.line, bar.at[0].w, bar.at[0].h], [true, false, 100, 20]);
  assert.deepEqual(area.at.map(({ outline }) => outline), ['wide path', 'narrow path']);
});

test('of lines the date counts more than the height, and nothing is too far', () => {
  assert.equal(nearest(marks, 0, 205, 90, nowhere), marks[1]);
  assert.equal(nearest(marks, 0, 108, 60, nowhere), marks[3]);
});

test('a bar is meant inside it and near it; far from all marks nothing is', () => {
  const only = [marks[5]];
  assert.equal(nearest(only, 0, 460, 405, nowhere), marks[5]);
  assert.equal(nearest(only, 0, 500, 440, nowhere), marks[5]);
  assert.equal(nearest(only, 0, 500, 500, nowhere), null);
});

test('an area is meant anywhere inside it, unless a mark on it is nearer', () => {
  const inside = (outline) => outline === 'wide path';
  assert.equal(nearest([marks[6]], 0, 1, 1, inside), marks[6]);
  assert.equal(nearest([marks[6]], 1, 1, 1, inside), null);
  assert.equal(nearest([marks[6], marks[5]], 0, 455, 400, inside), marks[5]);
});

test('of overlapping marks the one whose middle is nearer is meant', () => {
  const at = (x) => ({ at: [{ x, y: 0, w: 20, h: 20 }] });
  const [left, right] = [at(0), at(8)];
  assert.equal(nearest([left, right], 0, 2, 0, nowhere), left);
  assert.equal(nearest([left, right], 0, 6, 0, nowhere), right);
});

test('all lines of a date are said together, from top to bottom, by name and value', () => {
  assert.deepEqual(atDate(marks, marks[0], 0), [marks[3], marks[0]]);
  assert.deepEqual(wordsOf(marks, marks[0], 0), { head: '2016', lines: [['two: 9', false], ['one: 1 ship', true]] });
  assert.deepEqual(wordsOf(marks, marks[2], 0).lines, [['two: 8', false], ['one: 3 ships', true]]);
});

test('a date that one line alone has is said in full, as are bars and areas', () => {
  assert.deepEqual(wordsOf(marks, marks[1], 0), { head: 'One', lines: [['2017: 2 ships', false]] });
  assert.deepEqual(wordsOf(marks, marks[5], 0), { head: 'A bar', lines: [['kept: 4', false]] });
});

test('left and right go along a series and stop at its ends', () => {
  assert.equal(stepped(marks, null, 0, 'ArrowRight'), marks[0]);
  assert.equal(stepped(marks, marks[0], 0, 'ArrowRight'), marks[1]);
  assert.equal(stepped(marks, marks[2], 0, 'ArrowRight'), null);
  assert.equal(stepped(marks, marks[0], 0, 'ArrowLeft'), null);
});

test('up and down go to the nearest mark of the next series, round all of them', () => {
  assert.equal(stepped(marks, marks[2], 0, 'ArrowDown'), marks[4]);
  assert.equal(stepped(marks, marks[4], 0, 'ArrowUp'), marks[2]);
  assert.equal(stepped(marks, marks[0], 0, 'ArrowUp'), marks[6]);
});

test('where there is one series, up and down go along it; where there is no mark, nowhere', () => {
  const one = marks.slice(0, 3);
  assert.equal(stepped(one, one[0], 0, 'ArrowDown'), one[1]);
  assert.equal(stepped([], null, 0, 'ArrowDown'), null);
});
