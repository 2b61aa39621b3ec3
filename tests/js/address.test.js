import assert from 'node:assert/strict';
import { test } from 'node:test';

import { open, script } from './page.js';

open('', 'book/page.html?lens=MY&q=ships#fig-one');
const { asked, remember } = await script('address');

test('changes are written into the address, and what is empty leaves it', () => {
  remember({ lens: 'MY,SG', q: '', hide: ['a', 'b'] });
  assert.equal(location.href, 'https://site.example/book/page.html?lens=MY,SG&hide=a&hide=b#fig-one');
  assert.deepEqual(asked().getAll('hide'), ['a', 'b']);
});
