// An address that asks for a figure or a place which the page does not have: what was not found, and the nearest.
import { asked } from './address.js';
import { $, $$, make } from './dom.js';
import { nearest } from './nearest.js';

const LONGEST = 60; // letters of an address that are repeated

const tell = (what, name, names, toHref) => {
  const [near] = nearest(name, names);
  const note = make('p', { className: 'note missing' }, `This page has no ${what} \u201c${name.slice(0, LONGEST)}\u201d.`);
  note.setAttribute('role', 'status');
  if (near) note.append(' The nearest is ', make('a', { href: toHref(near), textContent: near }), '.');
  $('main h1').after(note);
};

const wantedPlace = () => {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch { return location.hash.slice(1); /* #50% is no name, and is told as it stands */ }
};

export const startMissing = () => {
  if (!$('main h1')) return;
  const figures = $$('[data-fig]').map((figure) => figure.dataset.fig);
  const figure = asked().get('fig');
  if (figure && figures.length && !figures.includes(figure)) tell('figure', figure, figures, (name) => `#fig-${name}`);
  const place = wantedPlace();
  const answered = $('.filters') && /^(claim|outcome)-/.test(place); // by the ledger itself
  if (place && !answered && !document.getElementById(place)) {
    tell('place', place, $$('main [id]').map(({ id }) => id), (name) => `#${name}`);
  }
};
