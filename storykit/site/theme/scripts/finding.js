// Searching begins: its script comes with the first key in the field, and `/` leads there.
import { $, $$, base, make } from './dom.js';

const fields = () => $$('form[data-search] input');
const visible = (field) => field.offsetParent !== null || field.getClientRects().length > 0;

let loaded = false;
const load = (field) => {
  if (loaded) return;
  loaded = true;
  document.head.append(make('script', { src: field.form.dataset.search }));
};

/** Whether `/` leads to the search. Who speaks to the computer, or presses keys by mistake, can turn it off. */
const slashKept = () => {
  try {
    return localStorage.getItem('slash') !== 'off';
  } catch { return true; /* no storage: the key is as it comes */ }
};

const keepSlash = (on) => {
  try {
    if (on) localStorage.removeItem('slash');
    else localStorage.setItem('slash', 'off');
  } catch { /* no storage: the choice lasts for this page */ }
};

const typing = (target) => Boolean(target.closest?.('input, textarea, select, [contenteditable]'));

export const startFinding = () => {
  for (const field of fields()) {
    // The page of the search is there for nothing else.
    if (field.form.matches('.search-large')) load(field);
    else field.addEventListener('focus', () => load(field));
  }
  let slash = slashKept();
  const choice = $('.search-slash');
  if (choice) {
    choice.hidden = false;
    $('input', choice).checked = slash;
    choice.addEventListener('change', (event) => {
      slash = event.target.checked;
      keepSlash(slash);
    });
  }
  document.addEventListener('keydown', (event) => {
    if (!slash || event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const field = fields().find(visible);
    if (!fields().length) return;
    event.preventDefault();
    if (field) field.select();
    else location.assign(`${base}search.html`);
  });
};
