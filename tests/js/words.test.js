import assert from 'node:assert/strict';
import { test } from 'node:test';

import { script } from './page.js';

const { words } = await script('words');
const { pieces, spans } = await script('marking');

for (const [what, text, expected] of [
  ['numbers with and without separators', '1,972 or 1972', ['1972', '1972']],
  ['a sum as one types it', 'RM211bn', ['rm', '211', 'billion']],
  ['a sum as it is written', 'RM211 billion', ['rm', '211', 'billion']],
  ['a share in each way', '14.3 % 14.3% 14.3 per cent 14.3 percent', ['14.3', 'percent', '14.3', 'percent', '14.3', 'percent', '14.3', 'percent']],
  ['accents', 'Li\u00E8ge', ['liege']],
  ['compounds', 'cross-border e-commerce', ['crossborder', 'cross', 'border', 'ecommerce', 'commerce']],
  ['possessives', 'Malaysia\u2019s zone', ['malaysia', 'zone']],
  ['writing without spaces', '\u9A6C\u6765\u897F\u4E9A', ['\u9A6C\u6765', '\u6765\u897F', '\u897F\u4E9A']],
  ['words that say nothing', 'what happened to the zone', ['happened', 'zone']],
  ['a question of nothing else', 'what is it', ['what', 'is', 'it']],
  ['one sign', '%', ['percent']],
  ['no word at all', '<> \u2026 !', []],
]) {
  test(`${what}: one form for what is asked and what is there`, () => assert.deepEqual(words(text), expected));
}

test('a place is marked whole, whatever its spelling', () => {
  const text = 'Of 1,972 SMEs in Li\u00E8ge, e-commerce at \u9A6C\u6765\u897F\u4E9A';
  const marked = spans(text, ['1972', 'liege', 'ecommerce', '\u9A6C\u6765', '\u6765\u897F']).map(([a, b]) => text.slice(a, b));
  assert.deepEqual(marked, ['1,972', 'Li\u00E8ge', 'e-commerce', '\u9A6C\u6765\u897F']);
});

test('a text in pieces is the text', () => {
  const text = 'one, two, three';
  assert.equal(pieces(text, ['two']).map(([piece]) => piece).join(''), text);
  assert.deepEqual(pieces('', ['two']), []);
});
