// The whole script in one page, and parts of it that fail.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { open, script } from './page.js';

open(`
  <button class="theme-switch">no name in here: this part fails</button>
  <details class="menu" open><summary>Contents</summary></details>
  <figure class="fig" data-fig="one" data-kind="chart" data-series="Series" data-choose="Series, years"><div class="fig-stage">
    <picture></picture><div class="fig-live" hidden></div><button class="fig-open">Explore</button></div></figure>
  <figure class="fig" data-fig="table-only" data-kind="chart"></figure>
  <details id="folded"><p id="deep">deep</p></details>
  <textarea id="embed-code">src="https://address.invalid/figures/one.html"</textarea>
  <textarea id="report-text">Figure or row:\nData version:\nIt says:\n</textarea>
  <p class="share-address"><input id="address" value="" data-address></p>
  <div class="cite"><pre>cite</pre></div>`, 'book/page.html?figure=one&data-version=2026.1&says=%3Cb%3E5#deep');
document.documentElement.dataset.root = '../';
const complaints = [];
console.error = (error) => complaints.push(error);
await script('story');

const $ = (selector) => document.querySelector(selector);

test('a part that fails says so, stays hidden, and takes no other with it', () => {
  assert.equal(complaints.length, 1);
  assert.ok(!$('.theme-switch').classList.contains('ready'));
  assert.ok($('.fig-stage').classList.contains('ready'));
});

test('what works shows its buttons', () => {
  assert.ok($('.cite .copy').classList.contains('ready'));
  assert.equal($('.fig-choose summary').textContent, 'Series, years');
});

test('a link to what is folded away opens it', () => assert.ok($('#folded').open));

test('Escape closes the menu', () => {
  const press = new Event('keydown');
  press.key = 'Escape';
  document.dispatchEvent(press);
  assert.ok(!$('.menu').open);
});

test('the snippet names where the site is', () => {
  assert.equal($('#embed-code').value, 'src="https://site.example/figures/one.html"');
});

test('a report names its figure, the version of the data and what stands there', () => {
  assert.equal($('#report-text').value, 'Figure or row: one\nData version: 2026.1\nIt says: <b>5\n');
});

test('a page whose address nobody knew when it was built gives its own, without what was asked for', () => {
  assert.equal($('#address').value, 'https://site.example/book/page.html');
  assert.ok($('.share-address').classList.contains('ready'));
});
