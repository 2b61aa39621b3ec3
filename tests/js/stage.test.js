import assert from 'node:assert/strict';
import { test } from 'node:test';

import { open, script } from './page.js';

const STEP = (name) => `<section id="${name}"><h2>${name}</h2><svg class="still"></svg><div class="still-key"></div></section>`;
const window = open(`<div class="steps">${STEP('one')}${STEP('two')}</div>`);
let watching;
globalThis.IntersectionObserver = class {
  constructor(seen) { this.seen = seen; this.watched = []; watching = this; }

  observe(section) { this.watched.push(section); }
};
const { startStage } = await script('stage');
const $$ = (selector) => [...window.document.querySelectorAll(selector)];

test('the picture has the state of the step that is read, and every step keeps its own still', () => {
  startStage();
  assert.equal($$('.steps.live > .stage > .still').length, 2);
  assert.equal($$('section > .still').length, 2);
  assert.deepEqual(watching.watched, $$('section'));
  const states = () => $$('.stage > .still').map((still) => still.classList.contains('now'));
  assert.deepEqual(states(), [true, false]);
  watching.seen([{ isIntersecting: false, target: $$('section')[0] }, { isIntersecting: true, target: $$('section')[1] }]);
  assert.deepEqual(states(), [false, true]);
});
