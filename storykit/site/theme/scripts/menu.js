// The menu is a details element, which only lacks closing itself, and opening where an address asks for it.
import { $ } from './dom.js';

export const startMenu = () => {
  const asked = $('.menu');
  if (asked && location.hash === '#contents') asked.open = true; // not every browser opens what an address names
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
