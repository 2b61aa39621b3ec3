// The menu is a details element, which only lacks closing itself.
import { $ } from './dom.js';

export const startMenu = () => {
  document.addEventListener('click', (event) => {
    const menu = $('.menu');
    if (menu && !menu.contains(event.target)) menu.open = false;
  });
};

/** Close the menu; whether there was anything to close. */
export const closeMenu = () => {
  const menu = $('.menu[open]');
  if (!menu) return false;
  menu.open = false;
  $('summary', menu).focus();
  return true;
};
