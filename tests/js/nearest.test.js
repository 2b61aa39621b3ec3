import assert from 'node:assert/strict';
import { test } from 'node:test';

import { script } from './page.js';

const { nearest } = await script('nearest');

test('the nearest name comes first, whatever its letters are written as', () => {
  assert.deepEqual(nearest('Mised', ['met', 'missed', 'mist']), ['missed']);
  assert.deepEqual(nearest('dftz-good', ['dftz-goods', 'dftz-good-2', 'hub'], 2), ['dftz-goods', 'dftz-good-2']);
});

test('what is like none has no nearest', () => {
  assert.deepEqual(nearest('\u99ac', ['met', 'missed']), []);
  assert.deepEqual(nearest('', ['met', '']), []);
});
