import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { open, script } from './page.js';

const entry = (id, values, text) => `<li class="entry" id="agreement-${id}" data-values="${values}"><p>${text}</p></li>`;

const cell = (papers) => `<td>${papers ? `<a href="#x" data-papers="${papers}"><span>9</span><span class="sr"> with</span></a>` : ''}</td>`;

const PAGE = `
  <form class="filters" data-explore="agreements">
    <input type="search" name="q">
    <select name="organisation" aria-label="Organisation"><option value="">any</option><option value="ali">Ali</option><option value="gov">Gov</option></select>
    <select name="status" aria-label="Status"><option value="">any</option><option value="in force">in force</option></select>
    <button type="reset">Show all</button>
    <p><output></output><span class="filter-problem"></span></p>
  </form>
  <div class="matrix"><table><thead><tr><td></td><th>Gov</th><th>Bank</th></tr></thead><tbody>
    <tr id="row-ali"><th>Ali</th>${cell('agreement-a;agreement-b')}${cell('')}</tr>
    <tr id="row-zoe"><th>Zoe</th>${cell('')}${cell('agreement-c')}</tr>
  </tbody></table></div>
  <div id="agreements" data-noun="agreements">
    <section class="entries" id="s-2017"><ol>${entry('a', 'organisation:ali;organisation:gov;status:in force', 'Z\u00fcrich, 1,972 firms')}${entry('b', 'organisation:ali;organisation:gov', 'B')}</ol></section>
    <section class="entries" id="s-2016"><ol>${entry('c', 'organisation:zoe;status:', 'C')}</ol></section>
  </div>`;

open(PAGE);
const { startExplorers } = await script('explorer');

const form = () => document.querySelector('form');
const said = () => form().querySelector('output').textContent;
const problem = () => form().querySelector('.filter-problem').textContent;
const shown = () => [...document.querySelectorAll('.entry')].filter((each) => !each.hidden).map((each) => each.id.slice(-1)).join('');
const hidden = (id) => document.getElementById(id).hidden;

const begin = (address) => {
  open(PAGE, address);
  startExplorers();
};

const type = (name, value) => {
  form().elements[name].value = value;
  form().elements[name].dispatchEvent(new Event('input', { bubbles: true }));
};

beforeEach(() => begin('book/agreements.html'));

test('at first everything is shown and counted', () => {
  assert.equal(shown(), 'abc');
  assert.equal(said(), '3 of 3 agreements');
  assert.equal(document.querySelector('#row-ali a').textContent, '2 with');
});

test('a filter hides entries, groups without any, and stands in the address', () => {
  type('organisation', 'gov');
  assert.equal(shown(), 'ab');
  assert.deepEqual([hidden('s-2017'), hidden('s-2016')], [false, true]);
  assert.equal(location.search, '?organisation=gov');
  type('status', 'in force');
  assert.equal(shown(), 'a');
});

test('the matrix counts what is shown; rows and columns without any are gone', () => {
  type('status', 'in force');
  assert.equal(document.querySelector('#row-ali a').textContent, '1 with');
  assert.deepEqual([hidden('row-ali'), hidden('row-zoe')], [false, true]);
  assert.deepEqual([...document.querySelectorAll('thead th')].map((each) => each.hidden), [false, true]);
  type('status', '');
  assert.deepEqual([hidden('row-ali'), hidden('row-zoe')], [false, false]);
  type('q', 'nothing like it');
  assert.equal(document.querySelector('.matrix').hidden, true);
});

test('words are found without their accents, and numbers without separators', () => {
  type('q', 'zurich 1972');
  assert.equal(shown(), 'a');
});

test('an address is followed; what it does not know is said with the nearest, never as markup', () => {
  begin('book/agreements.html?organisation=ali&q=B');
  assert.equal(shown(), 'b');
  begin('book/agreements.html?status=in+farce');
  assert.equal(shown(), 'abc');
  assert.match(problem(), /There is no status “in farce”. The nearest is “in force”/);
  begin(`book/agreements.html?organisation=${encodeURIComponent('<img src=x>')}`);
  assert.equal(form().querySelector('img'), null);
  begin('book/agreements.html?organisaton=ali');
  assert.match(problem(), /no filter “organisaton”. The nearest is “organisation”/);
});

test('an entry that the address names is shown although the filters hide it; a lost one is said', () => {
  begin('book/agreements.html?organisation=ali#agreement-c');
  assert.equal(hidden('agreement-c'), false);
  begin('book/agreements.html#agreement-d');
  assert.match(problem(), /There is no entry “agreement-d”/);
});

test('a question of any length and of odd signs is only a question', () => {
  type('q', 'x'.repeat(10000));
  assert.equal(shown(), '');
  type('q', '(*[<');
  assert.equal(said(), '0 of 3 agreements. Search the whole site');
});

test('show all takes everything back', async () => {
  type('organisation', 'ali');
  form().reset();
  form().dispatchEvent(new Event('reset'));
  await new Promise((done) => { setTimeout(done, 5); });
  assert.equal(shown(), 'abc');
  assert.equal(new URLSearchParams(location.search).get('organisation'), null);
});
