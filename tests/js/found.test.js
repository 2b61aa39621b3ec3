import assert from 'node:assert/strict';
import { test } from 'node:test';

import { open, script } from './page.js';

const PAGE = '<main><h1>A zone</h1><p id="p-1">Of <a href="#">1,972</a> firms in Li\u00E8ge <b>some</b> sell.</p><p>1,972 again</p></main>';

const arrive = async (address) => {
  const { document } = open(PAGE, address);
  const { startFound } = await script('found');
  startFound();
  return [...document.querySelectorAll('mark')].map((mark) => mark.textContent);
};

test('what was found is marked in the paragraph that the address names, and nowhere else', async () => {
  assert.deepEqual(await arrive('book/zone.html?find=1972+liege#p-1'), ['1,972', 'Li\u00E8ge']);
});

test('without a paragraph the title is marked', async () => {
  assert.deepEqual(await arrive('book/zone.html?find=zone'), ['zone']);
});

test('an address that names nothing marks nothing', async () => {
  for (const end of ['', '?find=', '?find=%3Cb%3E#p-1', '?find=firms#gone', '?find=firms#50%']) {
    assert.deepEqual(await arrive(`book/zone.html${end}`), []);
  }
});
