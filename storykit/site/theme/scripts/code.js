// The code of a figure stands on the figure's own page; "Code" fetches it from there and shows it in its place.
import { $, $$ } from './dom.js';
import { makeCopiable } from './share.js';

const put = async (link) => {
  const answer = await fetch(link.href);
  if (!answer.ok) throw new Error(`${link.href}: ${answer.status}`);
  const from = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const code = document.adoptNode($('.fig-code', from));
  // Addresses are those of the page it comes from.
  for (const each of $$('a', code)) each.href = new URL(each.getAttribute('href'), link.href).href;
  $('#code', code).removeAttribute('id'); // a page shows the code of several figures
  code.open = true;
  link.closest('.fig').append(code);
  makeCopiable($('pre', code));
  return code;
};

const toggle = async (link, event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const fig = link.closest('.fig');
  let code = $('.fig-code', fig);
  const open = !code || code.hidden;
  if (code) code.hidden = !open;
  link.setAttribute('aria-expanded', open);
  if (code || link.busy) return;
  link.busy = true;
  try {
    code = await put(link);
  } catch {
    location.assign(link.href); // from a disk nothing can be fetched; the page itself opens
  }
  link.busy = false;
};

export const startCode = () => {
  for (const link of $$('.to-code')) {
    if (link.getAttribute('href').startsWith('#')) continue; // it stands on this page
    link.setAttribute('role', 'button');
    link.setAttribute('aria-expanded', 'false');
    link.addEventListener('click', (event) => toggle(link, event));
  }
};
