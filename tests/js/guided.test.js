import assert from 'node:assert/strict';
import { test } from 'node:test';

import { open, script } from './page.js';

const still = (look, count) => `<div class="guided-still is-${look}">${'<i></i>'.repeat(count)}</div>`;
const STORY = `<div class="guided"><p>Each mark is ten.</p><ol class="guided-steps">
<li class="guided-step"><h2>The promise</h2>${still('promised', 3)}</li>
<li class="guided-step"><h2>The count</h2>${still('used is-framed', 1)}</li></ol></div>`;

const start = async (calm) => {
  open(STORY, 'book/some.html');
  globalThis.matchMedia = () => ({ matches: calm });
  globalThis.IntersectionObserver = class { observe() {} };
  const { startGuided } = await script('guided');
  startGuided();
  return document.querySelector('.guided-stage');
};

test('the picture takes the look and the number of marks of the step that has the focus', async () => {
  const stage = await start(false);
  assert.equal(stage.className, 'guided-stage is-promised');
  const second = document.querySelectorAll('.guided-step')[1];
  second.scrollIntoView = () => {};
  second.dispatchEvent(new Event('focusin', { bubbles: true }));
  assert.equal(stage.className, 'guided-stage is-used is-framed');
  assert.deepEqual([...stage.children].map((mark) => mark.classList.contains('is-off')), [false, true, true]);
  assert.equal(second.tabIndex, 0);
});

test('for readers who want little motion each step keeps its own picture', async () => {
  assert.equal(await start(true), null);
  assert.equal(document.querySelector('.guided').classList.contains('is-live'), false);
});
