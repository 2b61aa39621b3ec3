import assert from 'node:assert/strict';
import { test } from 'node:test';

import { open, script } from './page.js';

open('<button class="theme-switch"><span class="theme-name">Auto</span></button>');
const { onThemeChange, startTheme, theme } = await script('theme');
startTheme();

test('the switch goes from the system\'s colours to light, dark and back, and the choice is kept', () => {
  const button = document.querySelector('.theme-switch');
  const heard = [];
  onThemeChange(() => heard.push(theme()));
  const kept = [1, 2, 3].map(() => {
    button.click();
    return [button.textContent, localStorage.getItem('theme')];
  });
  assert.deepEqual(kept, [['Light', 'light'], ['Dark', 'dark'], ['Auto', null]]);
  assert.deepEqual(heard, ['light', 'dark', 'light']);
});
