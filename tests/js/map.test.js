import assert from 'node:assert/strict';
import { test } from 'node:test';

import { open, script } from './page.js';

open('', 'map.html?theme=dark');
const { isThere, outline, words } = await script('map');

test('the map wears the colours of the page around it', () => {
  assert.equal(document.documentElement.dataset.theme, 'dark');
});

test('a place is there from its first year to its last', () => {
  const place = { from: 2017, to: 2019 };
  assert.deepEqual([2016, 2017, 2019, 2020, null].map((year) => isThere(place, year)), [false, true, true, false, true]);
  assert.ok(isThere({}, 1900));
});

test('what is known of a place is text, never markup', () => {
  const node = words({ label: '<i>Here</i>', text: 'one\ntwo', from: 2017, ring: true });
  assert.deepEqual([...node.children].map((part) => part.textContent), [
    '<i>Here</i>', 'one', 'two', 'since 2017', 'The place is known only roughly.']);
  assert.equal(words({ label: 'a', to: 2018 }).textContent, 'a… to 2018');
});

test('shapes are drawn around their place; a circle is the library\'s own', () => {
  assert.equal(outline('square', { x: 10, y: 10 }, 2), 'M8,8h4v4h-4z');
  assert.equal(outline('diamond', { x: 0, y: 0 }, 10), 'M0,-13l13,13l-13,13l-13,-13z');
  assert.equal(outline('circle', { x: 0, y: 0 }, 10), '');
});
