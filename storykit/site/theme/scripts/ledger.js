// The ledger's filters and order. Without them every claim stands there, or on the pages that are listed; nothing is
// hidden before they work. A ledger of many pages is read page by page, once a reader asks for something.
import { asked } from './address.js';
import {
  $, $$, hide, make, ready,
} from './dom.js';
import { filtersOf, written } from './filters.js';
import { asking, searchable } from './folding.js';
import { nearest } from './nearest.js';

const MOST_SHOWN = 30; // of a ledger of many pages, at first; on one page all are shown
const MORE = 100; // for each press of the button under them
const AT_ONCE = 6; // pages of the ledger that are asked for together

const pause = () => new Promise((done) => { setTimeout(done); });

// A row's words are read once, when a reader first asks for words: a long ledger is not read at every key.
const rowOf = (element) => {
  const { said = '', due = '', ...recorded } = element.dataset;
  let text;
  return {
    ...recorded,
    element,
    said,
    due,
    year: said.slice(0, 4),
    who: $('.who', element)?.textContent ?? '',
    get text() { return text ??= searchable(element.textContent); },
  };
};

/** Whether a row has what a field asks for, as a function of the row. */
const wanting = ([name, value]) => {
  if (name !== 'q') return (row) => row[name] === value;
  const held = asking(value);
  return (row) => held(row.text);
};

// What is not known comes last, whichever way the rest goes.
const by = (key, way = 1) => (a, b) => {
  if (!a[key] || !b[key]) return Number(!a[key]) - Number(!b[key]);
  if (a[key] === b[key]) return 0;
  return a[key] < b[key] ? -way : way;
};
const ORDERS = {
  'said-first': () => by('said'),
  'due-first': () => by('due'),
  'due-last': () => by('due', -1),
  verdict: (form) => {
    const order = [...form.elements.verdict.options].map((option) => option.value);
    return (a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict);
  },
  who: () => (a, b) => a.who.localeCompare(b.who),
};

/** How many claims fit, how many of them are shown, and how much of the ledger has been looked at. */
const counted = (found, all, shown, read) => [
  `${written(found)} of ${written(all)} claims`,
  found > shown ? `the first ${written(shown)} are shown` : '',
  read < 1 ? `${Math.round(read * 100)} % of the ledger is read` : '',
].filter(Boolean).join('; ');

/** Rows in their order in the list; rows that stand so already are not touched, for that would lay them all out again. */
const inPlace = (list, rows) => {
  if (rows.some((row, at) => row.element !== list.children[at])) list.append(...rows.map((row) => row.element));
};

const begin = (form, list) => {
  const filters = filtersOf(form);
  const parts = $$('a[data-part]');
  const listed = $('.ledger-parts');
  const more = $('.ledger-more');
  const rows = $$('.claim', list).map(rowOf);
  let ordered = rows;
  let read = parts.length ? 0 : 1; // how much of the ledger is here
  let shown = MOST_SHOWN;
  let reading;
  let unread = false; // the pages could not be read

  const inOrder = () => {
    const order = ORDERS[form.elements.sort?.value];
    ordered = order ? [...rows].sort(order(form)) : rows; // sorting is stable: what is alike stays as on the page
    if (!parts.length) inPlace(list, ordered);
  };

  const askedFor = () => !unread && (filters.question().length > 0 || Boolean(form.elements.sort?.value));

  const put = (found) => {
    const elements = found.slice(0, shown).map((row) => row.element);
    const same = elements.length === list.children.length && elements.every((each, at) => each === list.children[at]);
    if (!same) list.replaceChildren(...elements);
  };

  const apply = () => {
    const wanted = filters.question().map(wanting);
    const found = ordered.filter((row) => wanted.every((fits) => fits(row)));
    if (parts.length) {
      const asks = askedFor();
      list.hidden = !asks;
      listed.hidden = asks;
      more.hidden = !asks || found.length <= shown;
      put(asks ? found : []);
      filters.tell(asks ? counted(found.length, rows.length, shown, read) : '', !asks || found.length || read < 1);
      return;
    }
    const fit = new Set(found);
    for (const row of rows) hide(row.element, !fit.has(row));
    filters.tell(counted(found.length, rows.length, Infinity, read), found.length);
  };

  const rowsOf = (text, address) => $$('.claim', new DOMParser().parseFromString(text, 'text/html')).map((element) => {
    const link = $('a', element);
    link.href = new URL(link.getAttribute('href'), address).href;
    return rowOf(document.importNode(element, true));
  });

  const readPart = async (part) => {
    const answer = await fetch(part.href);
    if (!answer.ok) throw new Error(`${part.href}: ${answer.status}`);
    return answer.text();
  };

  // Some pages of the ledger at a time; between two of them the window is free to answer.
  const readOn = () => {
    reading ||= (async () => {
      for (let from = 0; from < parts.length; from += AT_ONCE) {
        const some = parts.slice(from, from + AT_ONCE);
        const texts = await Promise.all(some.map(readPart));
        for (const [number, text] of texts.entries()) {
          for (const row of rowsOf(text, some[number].href)) {
            rows.push(row);
            void row.text;
          }
          await pause();
        }
        read = Math.min((from + AT_ONCE) / parts.length, 1);
        inOrder();
        apply();
      }
    })();
    return reading;
  };

  const refresh = () => {
    if (parts.length && askedFor()) {
      readOn().catch(() => {
        unread = true;
        filters.complain('The pages of the ledger could not be read; they are listed below.');
        apply();
      });
    }
    apply();
  };

  const readAddress = (query) => {
    filters.read(query);
    inOrder();
    refresh();
  };

  // An address may name a claim that the filters hide, that stands on another page of the ledger, or that is not there.
  const follow = async () => {
    const name = location.hash.slice(1);
    if (!/^(claim|outcome)-/.test(name)) return;
    if (parts.length) await readOn().catch(() => {});
    const row = rows.find(({ element }) => element.id === name || $$('[id]', element).some((each) => each.id === name));
    if (row && parts.length) location.assign($('a', row.element).href);
    else if (row?.element.hidden) {
      form.reset();
      readAddress(new URLSearchParams());
      row.element.scrollIntoView();
    } else if (!row) {
      const [near] = nearest(name, rows.map(({ element }) => element.id));
      const found = near && rows.find(({ element }) => element.id === near);
      const link = found && $('a', found.element);
      filters.complain(
        `There is no claim “${name.replace(/^(claim|outcome)-/, '').slice(0, 60)}”.`,
        ...(link ? [' The nearest: ', make('a', { href: link.href, textContent: link.textContent })] : []),
      );
    }
  };

  form.addEventListener('input', (event) => {
    shown = MOST_SHOWN;
    filters.complain();
    if (event.target.name === 'sort') inOrder();
    refresh();
    filters.writeAfter(event.target);
  });
  form.addEventListener('reset', () => setTimeout(() => {
    filters.complain();
    inOrder();
    apply();
    filters.write();
  }));
  form.addEventListener('submit', (event) => event.preventDefault());
  more?.addEventListener('click', () => {
    shown += MORE;
    apply();
  });
  addEventListener('hashchange', follow);
  readAddress(asked());
  follow();
};

export const startLedger = () => {
  for (const form of $$('form[data-filter-table]')) {
    const list = document.getElementById(form.dataset.filterTable);
    try {
      begin(form, list);
    } catch (error) {
      for (const row of $$('.claim', list)) row.hidden = false;
      throw error;
    }
    ready(form);
  }
};
