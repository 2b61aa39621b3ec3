import assert from 'node:assert/strict';
import { test } from 'node:test';

import { script } from './page.js';

const { fold, holds, searchable } = await script('folding');

const found = (text, question) => holds(searchable(text), question);

for (const [what, text, questions] of [
  ['case', 'The Zone opened', ['zone', 'ZONE', 'OPENED the']],
  ['quotes', 'Malaysia\u2019s \u201Cfirst\u201D zone', ["malaysia's", 'Malaysia\u2019s', '"first"', '\u201Cfirst zone\u201D', 'malaysias']],
  ['accents', 'Li\u00E8ge, and Zu\u0308rich', ['liege', 'LI\u00C8GE', 'Z\u00FCrich']],
  ['hyphens', 'cross-border e\u2011commerce, 2017\u20132020', ['cross\u2013border', 'cross border', 'crossborder', 'ecommerce', 'e-commerce', '2017-2020']],
  ['compounds written apart', 'a data centre', ['data-centre', 'data\u2010centre']],
  ['compounds written as one', 'crossborder trade', ['cross-border', 'cross\u2010border']],
  ['separators of thousands', '1,972 firms, 1\u202F069\u00A0831 more', ['1972', '1,972', '1 972', '1069831', '1,069,831']],
  ['signs that are not seen', 'Cyber\u00ADjaya', ['cyberjaya', 'Cyber\u200Bjaya']],
]) {
  test(`${what} do not matter to what is found`, () => {
    for (const question of questions) assert.ok(found(text, question), `${text}: ${question}`);
  });
}

test('numbers that only stand side by side stay apart, and decimals stay decimals', () => {
  assert.equal(fold('in 2017, 100 firms'), 'in 2017, 100 firms');
  assert.equal(fold('14.375 and 3,14'), '14.375 and 3,14');
  assert.equal(fold('2017,100'), '2017,100');
  assert.equal(fold('12,3456'), '12,3456');
});

test('every word asked for must be there', () => {
  assert.ok(!found('A zone for trade', 'zone fish'));
  assert.ok(found('A zone for trade', '  '));
  assert.ok(!found('ecommerce', 'e-trade'));
});
