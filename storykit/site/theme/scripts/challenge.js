// A number is challenged from its card: the page's own link to the form, with the number's name and what it says.
import { $, make } from './dom.js';

const SUBJECT = 'Wrong number: ';

/** The address of the form or mail for a number, made from the one for the page it stands on. */
export const challenged = (report, name, says, page) => {
  const url = new URL(report, document.baseURI);
  if (url.protocol === 'mailto:') {
    const body = (new URLSearchParams(url.search).get('body') || '')
      .replace(/^Figure or row:.*/m, () => `Figure or row: ${name}`)
      .replace(/^It says:.*/m, () => `It says: ${says}`)
      .replace(/^Page:.*/m, () => `Page: ${page}`);
    return `mailto:${url.pathname}?subject=${encodeURIComponent(SUBJECT + name)}&body=${encodeURIComponent(body)}`;
  }
  url.searchParams.set('figure', name);
  url.searchParams.set('says', says);
  url.searchParams.set('page', page);
  if (url.searchParams.has('title')) url.searchParams.set('title', SUBJECT + name);
  return url.href;
};

/** The link for a card, or nothing where nobody is to be told. */
export const challenge = (card) => {
  const { report } = document.body.dataset;
  const name = $('.rc-name', card)?.textContent;
  if (!report || !name) return [];
  const href = challenged(report, name, $('.rc-value', card).textContent, location.href);
  return [make('p', {}, make('a', { href, rel: 'nofollow', textContent: 'Challenge this number' }))];
};
