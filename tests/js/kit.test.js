import assert from 'node:assert/strict';
import { test } from 'node:test';

import { open, script } from './page.js';

const LIST = `<div class="checklist">
<input type="text" data-key="draft">
<ol><li><label><input type="checkbox" data-check="date"> <strong>A date</strong></label><input type="text" data-key="date"></li>
<li><label><input type="checkbox" data-check="exit"> <strong>A way out</strong></label><input type="text" data-key="exit"></li></ol>
<p><output></output><button type="button" hidden>Empty</button></p></div>`;

open(LIST, 'book/checklist.html?x=1#has=exit&exit=Article+9');
const { held, startKit, told, written } = await script('kit');

const field = (name) => document.querySelector(`[data-${name}]`);
const enter = (element, change) => {
  Object.assign(element, change);
  element.dispatchEvent(new Event('input', { bubbles: true }));
};

test('what is entered goes behind the # and comes back from there', () => {
  const kept = written(['date', 'exit'], { draft: 'A & B', date: '', exit: 'x'.repeat(500) });
  assert.deepEqual(held(`#${kept}`), { has: 'date.exit', draft: 'A & B', exit: 'x'.repeat(160) });
  assert.equal(written([], { draft: '' }), '');
  assert.deepEqual(held(''), {});
});

test('it says what is still to ask for', () => {
  assert.equal(told([], ['A date']), '');
  assert.equal(told(['A date'], ['A way out']), '1 of 2 stand in the draft; to ask for: a way out.');
  assert.equal(told(['A date'], []), '1 of 1 stand in the draft.');
});

test('a list is filled from its address, keeps what is entered there, sends nothing, and can be emptied', () => {
  globalThis.fetch = () => { throw new Error('nothing is sent'); };
  startKit();
  assert.equal(field('check="exit"').checked, true);
  assert.equal(field('key="exit"').value, 'Article 9');
  assert.equal(document.querySelector('button').hidden, false);
  enter(field('check="date"'), { checked: true });
  enter(field('key="draft"'), { value: ' Our <draft> ' });
  assert.equal(location.search, '?x=1');
  assert.deepEqual(held(location.hash), { has: 'date.exit', draft: 'Our <draft>', exit: 'Article 9' });
  assert.equal(document.querySelector('output').textContent, '2 of 2 stand in the draft.');
  document.querySelector('button').click();
  assert.equal(location.hash, '');
  assert.equal(field('check="exit"').checked, false);
});
