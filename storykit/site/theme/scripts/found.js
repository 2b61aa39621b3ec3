// What a search led to is marked where the reader arrives: the address names the words that were found.
import { asked } from './address.js';
import { $, make } from './dom.js';
import { pieces } from './marking.js';

const MOST = 40;

const target = () => {
  try {
    return document.getElementById(decodeURIComponent(location.hash.slice(1)));
  } catch { return null; /* #50% is no address */ }
};

/** Mark words in an element. */
export const markWords = (element, words) => {
  const walker = document.createTreeWalker(element, 4 /* texts */);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  let left = MOST;
  for (const text of texts) {
    const cut = pieces(text.data, words);
    const marked = cut.filter(([, is]) => is).length;
    if (!marked || left < 0 || text.parentElement.closest('script, style')) continue;
    left -= marked;
    text.replaceWith(...cut.map(([piece, is]) => (is ? make('mark', { textContent: piece }) : piece)));
  }
};

export const startFound = () => {
  const words = (asked().get('find') ?? '').slice(0, 200).split(' ').filter(Boolean);
  const place = location.hash ? target() : $('main h1');
  if (words.length && place) markWords(place, words);
};
