import assert from 'node:assert/strict';
import { test } from 'node:test';

import { open, script } from './page.js';

open('');
const { placed } = await script('cards');

const SPACE = { width: 400, height: 600 };
const CARD = { width: 200, height: 150 };

test('a card stands below its number', () => {
  assert.deepEqual(placed({ left: 50, top: 100, bottom: 120 }, CARD, SPACE), { left: 50, top: 126 });
});

test('near the foot of the window it stands above', () => {
  assert.deepEqual(placed({ left: 50, top: 500, bottom: 520 }, CARD, SPACE), { left: 50, top: 344 });
});

test('it never leaves the window', () => {
  assert.equal(placed({ left: 390, top: 100, bottom: 120 }, CARD, SPACE).left, 192);
  assert.equal(placed({ left: -20, top: 100, bottom: 120 }, CARD, SPACE).left, 8);
  assert.equal(placed({ left: 0, top: 60, bottom: 590 }, CARD, SPACE).top, 442);
});
