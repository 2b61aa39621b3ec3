// What a reader takes along or sends back: citations with their address, challenges, links to paragraphs.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { open, script } from './page.js';

const RIS = 'TY  - DATA\r\nTI  - What & that\r\nER  - \r\n';
const CSL = '[{"id": "sales", "title": "What & that"}]';

open(`<main><article><p class="reading">About 3 minutes</p>
  <p id="p-one">One <a href="#x">link</a></p><ul><li id="p-two">Two</li></ul><p id="other">Other</p></article></main>
  <details class="cite" data-page="series/sales.html"><p>Nobody: sales.</p><pre>@misc{sales,\n  note = {1}\n}</pre>
  <a download href="data:application/x-research-info-systems;charset=utf-8,${encodeURIComponent(RIS)}">RIS</a>
  <a download href="data:application/json;charset=utf-8,${encodeURIComponent(CSL)}">CSL</a></details>`, 'repo/book/page.html');
document.documentElement.dataset.root = '../';
const { challenge, challenged } = await script('challenge');
const { startParagraphs } = await script('paragraphs');
const { startSharing } = await script('share');
const { wanted } = await script('lost');

const $ = (selector) => document.querySelector(selector);
const $$ = (selector) => [...document.querySelectorAll(selector)];

test('a citation names the address that it is read at, in every form', () => {
  startSharing();
  const address = 'https://site.example/repo/series/sales.html';
  const [ris, csl] = $$('.cite a').map((link) => decodeURIComponent(link.href.split(',').slice(1).join(',')));
  assert.ok($('.cite p').textContent.endsWith(` ${address}`));
  assert.equal($('.cite pre').textContent, `@misc{sales,\n  url = {${address}},\n  note = {1}\n}`);
  assert.equal(ris, `TY  - DATA\r\nTI  - What & that\r\nUR  - ${address}\r\nER  - \r\n`);
  assert.deepEqual(JSON.parse(csl), [{ id: 'sales', title: 'What & that', URL: address }]);
});

test('a number is challenged on a page, a forge or by mail, with its name and what it says', () => {
  const words = ['sales/MY/2019 & more', 'RM5', 'https://site.example/a.html'];
  const page = new URL(challenged('../book/contribute.html?figure=zone&data-version=1#form', ...words));
  assert.deepEqual([page.pathname, page.hash], ['/repo/book/contribute.html', '#form']);
  assert.equal(page.searchParams.get('figure'), words[0]);
  const forge = new URL(challenged('https://forge.example/new?template=x.yml&title=Wrong+number:+zone', ...words));
  assert.equal(forge.searchParams.get('title'), `Wrong number: ${words[0]}`);
  assert.equal(forge.searchParams.get('page'), words[2]);
  const body = 'Figure or row: zone\nData version: 1\nPage: \nIt says: ';
  const mail = challenged(`mailto:a@b.example?subject=x&body=${encodeURIComponent(body)}`, ...words);
  assert.equal(decodeURIComponent(mail.split('body=')[1]), `Figure or row: ${words[0]}\nData version: 1\nPage: ${words[2]}\nIt says: RM5`);
});

test('a card offers a challenge only where somebody is to be told', () => {
  const card = document.createElement('section');
  card.innerHTML = '<p class="rc-value">5</p><dd class="rc-name">sales</dd>';
  assert.deepEqual(challenge(card), []);
  document.body.dataset.report = '../book/contribute.html#form';
  assert.equal(challenge(card)[0].textContent, 'Challenge this number');
});

test('links to paragraphs add one stop, and all of them only when asked for', () => {
  startParagraphs();
  assert.equal($$('.to-paragraph').length, 0);
  $('.reading button').click();
  assert.deepEqual($$('.to-paragraph').map((link) => link.getAttribute('href')), ['#p-one', '#p-two']);
  $('.reading button').click();
  assert.equal($$('.to-paragraph').length, 0);
});

test('an address where there is nothing is read as words', () => {
  assert.deepEqual(wanted('/repo/claims/dftz-goods_65bn.html'), { name: 'claims/dftz-goods_65bn', words: 'dftz goods 65bn' });
  assert.deepEqual(wanted('/%zz/'), { name: '%zz', words: 'zz' });
  assert.equal(wanted(`/${'a'.repeat(5000)}`).name.length, 120);
  assert.equal(wanted('/claims/%3Cb%3E.html').words, 'b');
});
