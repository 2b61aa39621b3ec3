// An index with filters. All its entries stand on the page; what does not fit is hidden, and so is a group without any.
import { asked } from './address.js';
import {
  $, $$, hide, ready,
} from './dom.js';
import { filtersOf, written } from './filters.js';
import { asking, searchable } from './folding.js';
import { nearest } from './nearest.js';

const rowOf = (element) => {
  const values = new Set(element.dataset.values.split(';'));
  let text;
  return {
    element,
    // The words are read once, when a reader first asks for words.
    get text() { return text ??= searchable(element.textContent); },
    has: (name, value) => values.has(`${name}:${value}`),
  };
};

/** Whether an entry has what a filter asks for, as a function of the entry. */
const wanting = ([name, value]) => {
  if (name !== 'q') return (row) => row.has(name, value);
  const held = asking(value);
  return (row) => held(row.text);
};

/** A matrix counts the entries that are shown: a cell without any is empty, a row or column of such cells is gone. */
const startMatrix = (matrix) => {
  const cells = $$('[data-papers]', matrix).map((link) => ({
    link, papers: link.dataset.papers.split(';'), row: link.closest('tr'), column: link.closest('td').cellIndex,
  }));
  return (isShown) => {
    const rows = new Set();
    const columns = new Set([0]);
    for (const { link, papers, row, column } of cells) {
      const count = papers.filter(isShown).length;
      hide(link, !count);
      if (link.firstChild.textContent !== String(count)) link.firstChild.textContent = count;
      if (count) {
        rows.add(row);
        columns.add(column);
      }
    }
    for (const row of $$('tr', matrix)) {
      hide(row, row.parentElement.tagName === 'TBODY' && !rows.has(row));
      [...row.cells].forEach((cell, at) => hide(cell, !columns.has(at))); // to ask each for its index counts from the first every time
    }
    hide(matrix, !rows.size);
  };
};

const begin = (form, list) => {
  const filters = filtersOf(form);
  const rows = $$('.entry', list).map(rowOf);
  const groups = $$('.entries', list);
  const matrix = $('.matrix');
  const count = matrix && startMatrix(matrix);

  const apply = () => {
    const wanted = filters.question().map(wanting);
    const found = new Set();
    for (const row of rows) {
      const fits = wanted.every((each) => each(row));
      hide(row.element, !fits);
      if (fits) found.add(row.element.id);
    }
    count?.((id) => found.has(id));
    for (const group of groups) hide(group, !$('.entry:not([hidden])', group));
    filters.tell(`${written(found.size)} of ${written(rows.length)} ${list.dataset.noun}`, found.size);
  };

  // An address may name an entry that the filters hide, or one that is not there.
  const follow = () => {
    const name = location.hash.slice(1);
    const kind = rows[0]?.element.id.split('-')[0];
    if (!kind || !name.startsWith(`${kind}-`)) return;
    const row = rows.find(({ element }) => element.id === name);
    if (row?.element.hidden) {
      form.reset();
      filters.read(new URLSearchParams());
      apply();
      row.element.scrollIntoView();
    } else if (!row) {
      const [near] = nearest(name, rows.map(({ element }) => element.id));
      filters.complain(`There is no entry “${name.slice(0, 60)}”.${near ? ` The nearest is “${near}”.` : ''}`);
    }
  };

  form.addEventListener('input', (event) => {
    filters.complain();
    apply();
    filters.writeAfter(event.target);
  });
  form.addEventListener('reset', () => setTimeout(() => {
    filters.complain();
    apply();
    filters.write();
  }));
  form.addEventListener('submit', (event) => event.preventDefault());
  addEventListener('hashchange', follow);
  filters.read(asked());
  apply();
  follow();
};

export const startExplorers = () => {
  for (const form of $$('form[data-explore]')) {
    begin(form, document.getElementById(form.dataset.explore));
    ready(form);
  }
};
