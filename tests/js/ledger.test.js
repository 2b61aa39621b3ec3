import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { open, script } from './page.js';

const claim = (id, thread, featured, text) => (
  `<article class="claim" id="claim-${id}" data-thread="${thread}" data-featured="${featured}">${text}</article>`);

const PAGE = `
  <form data-filter-table="ledger">
    <label><input type="search" name="q"></label>
    <select name="thread"><option value="">any</option><option value="zone">zone</option><option value="cloud">cloud</option></select>
    <input type="checkbox" name="featured" value="true">
    <output></output>
  </form>
  <div id="ledger">
    ${claim('a', 'zone', true, 'Malaysia\u2019s zone: 1,972 firms')}
    ${claim('b', 'zone|cloud', false, 'A hub')}
    ${claim('c', 'cloud', false, 'A region')}
  </div>`;

let window = open(PAGE);
const { startLedger } = await script('ledger');

const form = () => document.querySelector('form');
const shown = () => [...document.querySelectorAll('.claim')].filter((row) => !row.hidden).map((row) => row.id.slice(-1)).join('');

const begin = (address, change = () => {}) => {
  window = open(PAGE, address);
  change();
  startLedger();
};

const type = (name, value) => {
  form().elements[name].value = value;
  form().dispatchEvent(new Event('input', { bubbles: true }));
};

beforeEach(() => begin('ledger.html'));

test('a visit that asks for nothing sees the featured few, and is told how many', () => {
  assert.equal(shown(), 'a');
  assert.equal(form().querySelector('output').textContent, '1 of 3 shown');
});

test('whoever asks for something is answered from all claims', () => {
  type('thread', 'cloud');
  assert.equal(shown(), 'bc');
  assert.equal(location.search, '?thread=cloud');
});

test('words typed another way find the claim', () => {
  for (const words of ["malaysia's", 'Malaysia\u2019s', '1972', '1,972']) {
    type('q', words);
    assert.equal(shown(), 'a', words);
  }
  type('q', 'no such words');
  assert.equal(shown(), '');
});

test('a link shows what its address asks for, and a word the list does not know asks for nothing', () => {
  begin('ledger.html?thread=cloud&q=hub');
  assert.equal(shown(), 'b');
  begin('ledger.html?thread=elsewhere');
  assert.equal(shown(), 'abc');
});

test('a link to a claim shows it', () => {
  begin('ledger.html#claim-c');
  assert.equal(shown(), 'abc');
});

test('a link to a claim that is filtered out sets the filters back', () => {
  begin('ledger.html?thread=cloud');
  window.location.hash = '#claim-a';
  window.dispatchEvent(new window.Event('hashchange'));
  assert.equal(shown(), 'abc');
});

test('filters that fail leave every claim in sight, and themselves out of it', () => {
  assert.ok(form().classList.contains('ready'));
  assert.throws(() => begin('ledger.html', () => {
    const rows = document.querySelectorAll('.claim');
    Object.defineProperty(rows[2], 'dataset', { get() { throw new Error('broken'); } });
  }), /broken/);
  assert.equal(shown(), 'abc');
  assert.ok(!form().classList.contains('ready'));
});
