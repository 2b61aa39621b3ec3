// On the page of an address where there is nothing: the words of the address go into the search, and the nearest
// pages are named.
import { $, json, make } from './dom.js';
import { nearest } from './nearest.js';

const MOST = 5;
const LONGEST = 120; // letters of an address that are looked at

/** The last folder and the name that an address ends in, and both as words. */
export const wanted = (pathname) => {
  let path = pathname;
  try {
    path = decodeURIComponent(pathname);
  } catch { /* %zz means nothing, and is looked for as it stands */ }
  const name = path.replace(/(\/|\.[a-z]+)?$/i, '').split('/').filter(Boolean).slice(-2).join('/').slice(-LONGEST);
  return { name, words: name.split('/').pop().replace(/[^\p{L}\p{N}.]+/gu, ' ').trim() };
};

export const startLost = async () => {
  const page = $('[data-lost]');
  if (!page) return;
  const { name, words } = wanted(location.pathname);
  $('#search-q', page).value = words;
  const near = nearest(name, await json('_index/pages.json'), MOST);
  if (!near.length) return;
  $('ul', page).append(...near.map((each) => make('li', {}, make('a', { href: `${each}.html`, textContent: each }))));
  $('.lost-nearest', page).hidden = false;
};
