import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { open, script } from './page.js';

const claim = (id, thread, said, due, verdict, who, text) => (
  `<li class="claim" id="claim-${id}" data-thread="${thread}" data-said="${said}" data-due="${due}" data-verdict="${verdict}"${id === 'a' ? ' data-featured="true"' : ''}>
   <i id="outcome-${id}-1"></i><a href="../claims/${id}.html">${text}</a><p><span class="who">${who}</span></p></li>`);

const A = claim('a', 'zone', '2017-05-13', '2020', 'missed', 'Mia', 'Malaysia\u2019s zone: 1,972 firms');
const B = claim('b', 'zone', '2016', '', 'met', 'Zoe', 'A hub');
const C = claim('c', 'cloud', '', '2018', 'open', 'Ann', 'A region');

const FORM = `
  <form class="filters" data-filter-table="ledger">
    <label><input type="search" name="q"></label>
    <select name="thread" aria-label="Thread"><option value="">any</option><option value="zone">zone</option><option value="cloud">cloud</option></select>
    <select name="verdict" aria-label="Verdict"><option value="">any</option><option value="met">met</option><option value="missed">missed</option><option value="open">open</option></select>
    <select name="year" aria-label="Said in"><option value="">any</option><option value="2017">2017</option></select>
    <select name="sort" aria-label="Order"><option value="">Said last</option><option value="said-first">x</option><option value="due-first">x</option><option value="due-last">x</option><option value="verdict">x</option><option value="who">x</option></select>
    <input type="checkbox" name="featured" value="true">
    <p><output></output><span class="filter-problem"></span></p>
  </form>`;
const PAGE = `${FORM}<ol id="ledger" class="ledger">${A}${B}${C}</ol>`;

let window = open(PAGE);
const { startLedger } = await script('ledger');

const form = () => document.querySelector('form');
const said = () => form().querySelector('output').textContent;
const list = () => document.querySelector('.ledger');
const problem = () => form().querySelector('.filter-problem');
const shown = () => [...document.querySelectorAll('.ledger .claim')].filter((row) => !row.hidden).map((row) => row.id.slice(-1)).join('');

const begin = (address, change = () => {}, page = PAGE) => {
  window = open(page, address);
  change();
  startLedger();
};

const type = (name, value) => {
  form().elements[name].value = value;
  form().elements[name].dispatchEvent(new Event('input', { bubbles: true }));
};

beforeEach(() => begin('book/ledger.html'));

test('a visit that asks for nothing sees all claims, and is told how many', () => {
  assert.equal(shown(), 'abc');
  assert.equal(said(), '3 of 3 claims');
});

test('a filter takes away what does not fit, and stands in the address', () => {
  type('thread', 'zone');
  assert.equal(shown(), 'ab');
  type('year', '2017');
  assert.equal(shown(), 'a');
  assert.equal(said(), '1 of 3 claims');
  assert.equal(location.search, '?thread=zone&year=2017');
});

test('words typed another way find the claim', () => {
  for (const words of ["malaysia's", 'Malaysia\u2019s', '1972', '1,972', 'mia']) {
    type('q', words);
    assert.equal(shown(), 'a', words);
  }
  type('q', 'no such words');
  assert.equal(shown(), '');
  assert.equal(said(), '0 of 3 claims. Search the whole site');
});

test('every order puts what is not known last', () => {
  const orders = {
    'said-first': 'bac', 'due-first': 'cab', 'due-last': 'acb', verdict: 'bac', who: 'cab', '': 'abc',
  };
  for (const [order, expected] of Object.entries(orders)) {
    type('sort', order);
    assert.equal(shown(), expected, order);
  }
  type('sort', 'who');
  assert.equal(location.search, '?sort=who');
});

test('a link shows what its address asks for', () => {
  begin('book/ledger.html?thread=zone&q=hub&sort=who');
  assert.equal(shown(), 'b');
  begin('book/ledger.html?featured=true');
  assert.equal(shown(), 'a');
});

test('what the address asks for and the ledger does not have is named, with the nearest, and never as markup', () => {
  begin('book/ledger.html?verdict=mised');
  assert.equal(shown(), 'abc');
  assert.equal(problem().textContent, 'There is no verdict “mised”. The nearest is “missed”.');
  begin('book/ledger.html?verdct=met');
  assert.equal(problem().textContent, 'There is no filter “verdct”. The nearest is “verdict”.');
  begin(`book/ledger.html?thread=${encodeURIComponent('<img src=x onerror=alert(1)>')}`);
  assert.equal(problem().children.length, 0);
  assert.equal(problem().textContent, 'There is no thread “<img src=x onerror=alert(1)>”.');
  begin('book/ledger.html?utm_source=letter');
  assert.equal(problem().textContent, '');
  type('q', 'hub');
  assert.equal(problem().textContent, '');
});

test('a claim that is not there is named, with a link to the nearest', () => {
  begin('book/ledger.html#claim-aa');
  assert.equal(problem().textContent, 'There is no claim “aa”. The nearest: Malaysia\u2019s zone: 1,972 firms');
  assert.equal(problem().querySelector('a').getAttribute('href'), 'https://site.example/claims/a.html');
  begin('book/ledger.html#claim-%3Cimg%3E');
  assert.equal(problem().querySelectorAll('img').length, 0);
  begin('book/ledger.html#50%');
  assert.equal(problem().textContent, '');
});

test('a question of 10,000 signs is cut, answered, and soon in the address', async () => {
  begin(`book/ledger.html?q=${'a'.repeat(10000)}`);
  assert.equal(shown(), '');
  assert.equal(form().elements.q.value.length, 200);
  type('q', 'x '.repeat(5000));
  await new Promise((done) => { setTimeout(done, 400); });
  assert.ok(location.search.startsWith('?q=x') && location.search.length < 500);
});

test('a link to a claim or a finding that is filtered out sets the filters back', () => {
  for (const hash of ['#claim-a', '#outcome-a-1']) {
    begin('book/ledger.html?thread=cloud');
    assert.equal(shown(), 'c');
    window.location.hash = hash;
    window.dispatchEvent(new window.Event('hashchange'));
    assert.equal(shown(), 'abc', hash);
  }
});

test('filters that fail leave every claim in sight, and themselves out of it', () => {
  assert.ok(form().classList.contains('ready'));
  assert.throws(() => begin('book/ledger.html', () => {
    const rows = document.querySelectorAll('.claim');
    Object.defineProperty(rows[2], 'dataset', { get() { throw new Error('broken'); } });
  }), /broken/);
  assert.equal(shown(), 'abc');
  assert.ok(!form().classList.contains('ready'));
});

// --- a ledger of several pages ---

const PARTS = `${FORM}<div class="ledger-parts"><a data-part href="../ledger/2017.html">2017</a><a data-part href="../ledger/older.html">older</a></div>
  <ol id="ledger" class="ledger" hidden></ol><button class="ledger-more" hidden>more</button>`;
const many = Array.from({ length: 150 }, (_, n) => claim(`n${n}`, 'cloud', '2015', '', 'open', 'Ann', `Cloud ${n}`)).join('');
const SERVED = { '/ledger/2017.html': `<ol class="ledger">${A}</ol>`, '/ledger/older.html': `<ol class="ledger">${B}${many}</ol>` };

const serve = (window_) => {
  globalThis.DOMParser = window_.DOMParser;
  globalThis.fetch = async (url) => ({ ok: new URL(url).pathname in SERVED, status: 404, text: async () => SERVED[new URL(url).pathname] });
};
const settled = async () => {
  const isRead = () => problem().textContent || /^\d+ of 152 claims/.test(said());
  for (let turn = 0; turn < 500 && !isRead(); turn += 1) await new Promise((done) => { setTimeout(done, 10); });
};

test('a ledger of several pages lists them until something is asked for, and then answers from all', async () => {
  begin('book/ledger.html', () => serve(window), PARTS);
  assert.equal(document.querySelector('.ledger-parts').hidden, false);
  assert.equal(document.querySelector('.ledger').hidden, true);
  type('q', '1972');
  await settled();
  assert.equal(shown(), 'a');
  assert.equal(said(), '1 of 152 claims');
  assert.equal(document.querySelector('.ledger a').getAttribute('href'), 'https://site.example/claims/a.html');
  assert.equal(document.querySelector('.ledger-parts').hidden, true);
  type('q', '');
  assert.equal(document.querySelector('.ledger-parts').hidden, false);
});

test('of many that fit the first are shown, and more on asking', async () => {
  begin('book/ledger.html?thread=cloud', () => serve(window), PARTS);
  await settled();
  assert.equal(list().children.length, 30);
  assert.equal(said(), '150 of 152 claims; the first 30 are shown');
  document.querySelector('.ledger-more').click();
  assert.equal(list().children.length, 130);
  document.querySelector('.ledger-more').click();
  assert.equal(list().children.length, 150);
  assert.equal(document.querySelector('.ledger-more').hidden, true);
});

test('pages that cannot be read are said, and stay listed', async () => {
  begin('book/ledger.html', () => { serve(window); globalThis.fetch = async () => ({ ok: false, status: 500 }); }, PARTS);
  type('q', 'hub');
  await settled();
  assert.match(problem().textContent, /could not be read/);
  assert.equal(document.querySelector('.ledger-parts').hidden, false);
});
