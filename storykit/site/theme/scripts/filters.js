// A form of filters: what it asks for, and the address that says the same.
import { remember } from './address.js';
import { $, base, make } from './dom.js';
import { nearest } from './nearest.js';

const LONGEST = 200; // signs of a question

const isBox = (field) => field.type === 'checkbox';
const isList = (field) => field.tagName === 'SELECT';

const valueOf = (field) => (isBox(field) ? (field.checked ? 'true' : '') : field.value.trim().slice(0, LONGEST));

const offers = (field, value) => [...field.options].some((option) => option.value === value);

const set = (field, value) => {
  if (isBox(field)) field.checked = value === 'true';
  else if (isList(field)) field.value = offers(field, value) ? value : '';
  else field.value = (value || '').slice(0, LONGEST);
};

/** A number as readers write it. */
export const written = (count) => count.toLocaleString('en');

export const filtersOf = (form) => {
  const fields = [...form.elements].filter((field) => field.name);
  const names = fields.map((field) => field.name);
  const problem = $('.filter-problem', form);

  /** Say what is wrong, or nothing. */
  const complain = (...words) => problem.replaceChildren(...words);

  const notFound = (kind, name, known) => {
    const [near] = nearest(name, known);
    complain(`There is no ${kind} “${name.slice(0, 60)}”.${near ? ` The nearest is “${near}”.` : ''}`);
  };

  /** Set the form to what an address asks for; what it does not know is said with the nearest. */
  const read = (query) => {
    for (const field of fields) {
      const value = query.get(field.name);
      set(field, value);
      if (value && isList(field) && !offers(field, value)) {
        notFound(field.getAttribute('aria-label').toLowerCase(), value, [...field.options].map((option) => option.value));
      }
    }
    for (const name of query.keys()) {
      if (!names.includes(name) && nearest(name, names).length) notFound('filter', name, names);
    }
  };

  const write = () => remember(Object.fromEntries(fields.map((field) => [field.name, valueOf(field)])));

  let writing;
  /** Write a change into the address: browsers allow it only so many, and a key must not wait for one. */
  const writeAfter = (field) => {
    clearTimeout(writing);
    if (field.name === 'q') writing = setTimeout(write, 250);
    else write();
  };

  /** [name, value] of every filter that is set; an order is none. */
  const question = () => fields
    .filter((field) => field.name !== 'sort')
    .map((field) => [field.name, valueOf(field)])
    .filter(([, value]) => value);

  /** Say how many are left; where none is, lead on to the search of the whole site with the same words. */
  const tell = (text, left) => {
    const words = form.elements.q ? valueOf(form.elements.q) : '';
    const href = `${base}search.html${words && `?q=${encodeURIComponent(words)}`}`;
    const on = left ? [] : ['. ', make('a', { href, textContent: 'Search the whole site' })];
    $('output', form).replaceChildren(text, ...on);
  };

  return {
    complain, question, read, tell, write, writeAfter,
  };
};
