import assert from 'node:assert/strict';
import { test } from 'node:test';

import { open, script } from './page.js';

const FIELD = `<details><label class="try" data-at="1500" data-sign=">" data-before="" data-after=" SMEs">Try
  <input type="range" name="more" min="500" max="3000" step="10" value="1972"> <output>1,972 SMEs: it holds</output></label></details>`;

const window = open(FIELD, 'book/zone.html?try=more~1400');
window.HTMLElement.prototype.scrollIntoView = () => {};
const { holds, startTurns } = await script('turns');
const $ = (selector) => window.document.querySelector(selector);

test('a sentence turns at its value and not beside it', () => {
  assert.ok(holds('1501', '>', '1500'));
  assert.ok(!holds('1500', '>', '1500'));
  assert.ok(holds('1500', '>=', '1500'));
  assert.ok(holds('-0.1', '<', '0'));
  assert.ok(!holds('0', '<', '0'));
  assert.ok(holds('0', '<=', '0'));
});

test('what the address asks for is shown, and what is slid is written there', () => {
  startTurns();
  assert.equal($('output').textContent, '1,400 SMEs: it would not hold');
  assert.ok($('details').open);
  $('input').value = '1600';
  $('input').dispatchEvent(new window.Event('input'));
  assert.equal($('output').textContent, '1,600 SMEs: it holds');
  $('input').dispatchEvent(new window.Event('change'));
  assert.equal(new URL(window.location.href).searchParams.get('try'), 'more~1600');
});

test('a field with words of its own says these, wherever it stands', async () => {
  window.document.body.innerHTML = `<label class="try" data-at="3" data-sign="<=" data-before="" data-after=" hours" data-yes="what was promised"
    data-no="more than promised"><input type="range" name="x" min="0" max="9" step="1" value="3"> <output>3 hours</output></label>`;
  window.history.replaceState(null, '', '?try=x~5');
  startTurns();
  assert.equal($('output').textContent, '5 hours: more than promised');
  $('input').value = '2';
  $('input').dispatchEvent(new window.Event('input'));
  assert.equal($('output').textContent, '2 hours: what was promised');
});
