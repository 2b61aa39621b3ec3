// Colours: as the system has them, light, or dark.
import { $, ready, root } from './dom.js';

const NEXT = { auto: 'light', light: 'dark', dark: 'auto' };
const darkSystem = matchMedia('(prefers-color-scheme: dark)');
const followers = [];

/** The colours that are shown: `light` or `dark`. */
export const theme = () => root.dataset.theme || (darkSystem.matches ? 'dark' : 'light');

/** Call a function whenever the colours change. */
export const onThemeChange = (follower) => followers.push(follower);

const tell = () => followers.forEach((follower) => follower());

const keep = (chosen) => {
  if (chosen === 'auto') delete root.dataset.theme;
  else root.dataset.theme = chosen;
  try {
    if (chosen === 'auto') localStorage.removeItem('theme');
    else localStorage.setItem('theme', chosen);
  } catch { /* no storage: the choice lasts for this page */ }
};

export const startTheme = () => {
  darkSystem.addEventListener('change', tell);
  const button = $('.theme-switch');
  if (!button) return;
  const show = () => {
    const chosen = root.dataset.theme || 'auto';
    const word = chosen[0].toUpperCase() + chosen.slice(1);
    $('.theme-name', button).textContent = word;
    button.setAttribute('aria-label', `${word} colours, change`);
  };
  show();
  button.addEventListener('click', () => {
    keep(NEXT[root.dataset.theme || 'auto']);
    show();
    tell();
  });
  ready(button);
};
