// A list that a reader fills in. What is entered stands in the address behind the #, which no browser sends to anybody.
// Without this the list can be filled in and printed all the same; it is only not kept.
import { $, $$ } from './dom.js';

const LONGEST = 160; // signs of a note

/** What stands behind the # of an address: key -> text. */
export const held = (hash) => Object.fromEntries(new URLSearchParams(hash.replace(/^#/, '')));

/** The entries as they stand behind a #; "" where nothing is entered. What is ticked stands under `has`. */
export const written = (ticked, notes) => {
  const kept = new URLSearchParams();
  if (ticked.length) kept.set('has', ticked.join('.'));
  for (const [key, text] of Object.entries(notes)) if (text) kept.set(key, text.slice(0, LONGEST));
  return kept.toString();
};

/** How far a draft is: titles of what stands in it and of what does not. */
export const told = (there, missing) => {
  if (!there.length) return '';
  const count = `${there.length} of ${there.length + missing.length} stand in the draft`;
  return missing.length ? `${count}; to ask for: ${missing.map((title) => title.toLowerCase()).join('; ')}.` : `${count}.`;
};

const begin = (list) => {
  const ticks = $$('[data-check]', list);
  const notes = $$('[data-key]', list);
  const empty = $('button', list);

  const say = () => {
    const titles = (on) => ticks.filter((tick) => tick.checked === on).map((tick) => $('strong', tick.parentElement).textContent);
    $('output', list).textContent = told(titles(true), titles(false));
  };

  const keep = () => {
    const ticked = ticks.filter((tick) => tick.checked).map((tick) => tick.dataset.check);
    const kept = written(ticked, Object.fromEntries(notes.map((note) => [note.dataset.key, note.value.trim()])));
    history.replaceState(null, '', `${location.pathname}${location.search}${kept ? `#${kept}` : ''}`);
    say();
  };

  const fill = () => {
    const kept = held(location.hash);
    const has = (kept.has ?? '').split('.');
    for (const tick of ticks) tick.checked = has.includes(tick.dataset.check);
    for (const note of notes) note.value = (kept[note.dataset.key] ?? '').slice(0, LONGEST);
    say();
  };

  fill();
  empty.hidden = false;
  list.addEventListener('input', keep);
  addEventListener('hashchange', fill);
  empty.addEventListener('click', () => {
    for (const tick of ticks) tick.checked = false;
    for (const note of notes) note.value = '';
    keep();
  });
};

export const startKit = () => {
  const list = $('.checklist');
  if (list) begin(list);
};
