// The ledger's filters. Without them every claim stands there; nothing is hidden before they work.
import { asked, remember } from './address.js';
import { $, $$, ready } from './dom.js';
import { holds, searchable } from './folding.js';

const isBox = (field) => field.type === 'checkbox';
const isList = (field) => field.tagName === 'SELECT';

const valueOf = (field) => (isBox(field) ? (field.checked ? 'true' : '') : field.value.trim());

const set = (field, value) => {
  if (isBox(field)) field.checked = value === 'true';
  else if (isList(field)) field.value = [...field.options].some((option) => option.value === value) ? value : '';
  else field.value = value || '';
};

const texts = new WeakMap(); // row -> its searchable text: a long page is not read at every key
const textOf = (row) => {
  if (!texts.has(row)) texts.set(row, searchable(row.textContent));
  return texts.get(row);
};

const fits = (row, field) => {
  const value = valueOf(field);
  if (!value) return true;
  if (isBox(field)) return row.dataset[field.name] === 'true';
  if (isList(field)) return (row.dataset[field.name] || '').split('|').includes(value);
  return holds(textOf(row), value);
};

const begin = (form, rows) => {
  const fields = [...form.elements].filter((field) => field.name);
  const { featured } = form.elements;

  const apply = () => {
    for (const row of rows) {
      const hidden = !fields.every((field) => fits(row, field));
      if (row.hidden !== hidden) row.hidden = hidden; // writing what stands there already costs a layout
    }
    const output = $('output', form);
    if (output) output.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} shown`;
  };
  const write = () => {
    const changes = Object.fromEntries(fields.map((field) => [field.name, valueOf(field)]));
    if (featured) {
      const others = fields.some((field) => field !== featured && changes[field.name]);
      changes.featured = featured.checked ? (others ? 'true' : '') : others ? '' : 'false';
    }
    remember(changes);
  };
  const read = (query) => {
    for (const field of fields) set(field, query.get(field.name));
    // The featured few are only where a visit begins that asks for nothing.
    if (featured && !location.hash && !fields.some((field) => query.has(field.name))) featured.checked = true;
    apply();
  };

  form.addEventListener('input', (event) => {
    // Whoever asks for something means all of it, not only the featured few.
    if (featured && event.target !== featured) featured.checked = false;
    apply();
    write();
  });
  form.addEventListener('reset', () => setTimeout(() => {
    apply();
    write();
  }));
  form.addEventListener('submit', (event) => event.preventDefault());
  addEventListener('hashchange', () => {
    const row = rows.find((each) => each.id === location.hash.slice(1));
    if (!row?.hidden) return;
    read(new URLSearchParams());
    row.scrollIntoView();
  });
  read(asked());
};

export const startLedger = () => {
  for (const form of $$('form[data-filter-table]')) {
    const rows = $$('article.claim', document.getElementById(form.dataset.filterTable));
    try {
      begin(form, rows);
    } catch (error) {
      for (const row of rows) row.hidden = false;
      throw error;
    }
    ready(form);
  }
};
