// An address that asks for what the page does not have.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { open, script } from './page.js';

const BODY = '<main><h1>Zone</h1><figure data-fig="zone-sales"></figure><p id="row-sales-2019">5</p></main>';
open('');
const { startMissing } = await script('missing');

const told = (address, body = BODY) => {
  open(body, address);
  startMissing();
  return [...document.querySelectorAll('.missing')].map((note) => note.textContent);
};

test('what is there needs no words', () => {
  assert.deepEqual(told('a.html?fig=zone-sales#row-sales-2019'), []);
  assert.deepEqual(told('a.html'), []);
});

test('an unknown figure or place is named with the nearest', () => {
  assert.deepEqual(told('a.html?fig=zone-sale'), ['This page has no figure \u201czone-sale\u201d. The nearest is zone-sales.']);
  assert.deepEqual(told('a.html#row-sales-2018'), ['This page has no place \u201crow-sales-2018\u201d. The nearest is row-sales-2019.']);
  assert.equal(document.querySelector('.missing a').getAttribute('href'), '#row-sales-2019');
});

test('what is like nothing, too long or no name at all is told as it stands, never as markup', () => {
  assert.deepEqual(told('a.html?fig=%3Cb%3Eqq'), ['This page has no figure \u201c<b>qq\u201d.']);
  assert.equal(document.querySelector('.missing b'), null);
  assert.ok(told(`a.html?fig=${'q'.repeat(9000)}`)[0].length < 100);
  assert.deepEqual(told('a.html#50%'), ['This page has no place \u201c50%\u201d.']);
});

test('the ledger answers for itself, and a page without a title is left alone', () => {
  assert.deepEqual(told('a.html#claim-x', `${BODY}<form class="filters"></form>`), []);
  assert.equal(told('a.html#nope', `${BODY}<form class="filters"></form>`).length, 1);
  assert.deepEqual(told('a.html#x', '<main></main>'), []);
});
