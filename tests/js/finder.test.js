import assert from 'node:assert/strict';
import { test } from 'node:test';

import { script } from './page.js';

const { Finder, questionWords, written } = await script('finder');

const finder = new Finder({ places: { MY: 'Malaysia', SG: 'Singapore' }, periods: { '2018-Q1': 'Q1 2018' } });
await finder.add([
  { id: 'claims', title: 'Claims', docs: [
    ['A thousand firms will sell.', 'The minister \u00B7 2017', 'claims/firms.html', '', '1,500 SMEs', 'missed'],
    ['Goods worth US$65 billion.', 'The government', 'claims/goods.html', '', '', 'open'],
  ] },
  { id: 'organisations', title: 'Organisations', docs: [
    ['Alibaba Group', 'company', 'o/alibaba.html', '\u963F\u91CC\u5DF4\u5DF4\u96C6\u56E2', 'BABA'],
    ['Cyberjaya Board', 'agency', 'o/cyberjaya.html'],
  ] },
]);
await finder.add([
  { id: 'series', title: 'Series', docs: [
    ['Firms chosen', 'SMEs', 'series/chosen.html', '', '', '', ['', ' SMEs', { MY: '2017=1972|2017~2=>1900', SG: '2018-Q1=12' }]],
    ['Sales', 'RM million', 'series/sales.html', '', '', '', ['RM', ' million', { MY: '2018=~52.1' }]],
  ] },
]);
await finder.add([
  { id: 'text', title: 'In the text', text: true, docs: [
    ['Of all the firms that were promised a thousand only some will sell what they make.', 'The zone', 'book/zone.html#p-1'],
  ] },
]);

const first = (question) => finder.find(question)[0]?.results[0];

for (const [question, address] of [
  ['thousand firms', 'claims/firms.html?find=thousand+firms'],
  ['Cybejaya', 'o/cyberjaya.html?find=cyberjaya'],
  ['alibba', 'o/alibaba.html?find=alibaba'],
  ['US$65bn', 'claims/goods.html?find=65+billion'],
  ['1500', 'claims/firms.html?find=1500'],
  ['1,972', 'series/chosen.html?find=1972#o-MY-2017'],
  ['1900', 'series/chosen.html?find=1900#o-MY-2017-2'],
  ['RM52.1m', 'series/sales.html?find=rm+52.1+million#o-MY-2018'],
  ['\u963F\u91CC\u5DF4\u5DF4', `o/alibaba.html?find=${['\u963F\u91CC', '\u91CC\u5DF4', '\u5DF4\u5DF4'].map(encodeURIComponent).join('+')}`],
  ['promised a thousand', 'book/zone.html?find=promised+thousand#p-1'],
]) {
  test(`${question} leads to what it asks for`, () => assert.equal(first(question)?.address, address));
}

test('a result says the fact itself', () => {
  assert.equal(first('thousand firms').verdict, 'missed');
  const value = first('1,972');
  assert.equal(`${value.title} / ${value.says}`, '1,972 SMEs / Firms chosen \u00B7 Malaysia \u00B7 2017');
  assert.equal(first('RM52.1m').title, 'about RM52.1 million');
  assert.equal(first('firms chosen singapore').says, 'Firms chosen \u00B7 Singapore \u00B7 Q1 2018');
});

test('values are written as the pages write them', () => {
  assert.equal(written('-1234.50', ['RM', ' million']), '\u2212RM1,234.50 million');
  assert.equal(written('>1900', ['', '%']), 'at least 1,900%');
});

test('what nobody could mean finds nothing and takes no time', () => {
  for (const question of ['', ' ', '<script>', '!', '\u0E01\u0E02'.repeat(9)]) assert.deepEqual(finder.find(question), []);
  assert.ok(questionWords('word '.repeat(5000)).length === 1);
  assert.ok(questionWords(Array.from({ length: 5000 }, (_, at) => `w${at}x`).join(' ')).length <= 12);
  finder.find('a'.repeat(10_000));
});

test('where nothing is found the nearest words are', () => {
  assert.deepEqual(finder.find('Ciberjahja'), []);
  assert.ok(finder.nearest('Ciberjahja').includes('cyberjaya'));
});
