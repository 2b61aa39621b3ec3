// The search itself: a list under the field in the head of a page, and a page of its own. Fetched on use.
import { asked, remember } from './address.js';
import { $, $$, base, make, say } from './dom.js';
import { Finder, questionWords } from './finder.js';
import { pieces, spans } from './marking.js';

const LISTED = 9;
const LISTED_OF_A_KIND = 3;
const SHOWN_OF_A_KIND = 10;
const EXCERPT = 180;
const WAIT = 60;

// --- what is looked in: files that a script tag can load, so that a site opened from disk has them, too ------

let arrived = () => {};
globalThis.storySearch = (part) => arrived(part);

const load = (file) => new Promise((resolve, reject) => {
  arrived = resolve;
  const script = make('script', { src: `${base}_search/${file}`, onerror: () => reject(new Error(file)) });
  document.head.append(script);
});

let finder = null;
let failed = false;
let verdicts = {};
let complete = false;
const waiting = new Set();

/** Everything in parts, what the question asks for first; all who wait are told of each. */
const start = async (question) => {
  try {
    const about = await load('parts.js');
    verdicts = about.verdicts;
    const { facts, numbers, texts } = about.parts;
    const first = /\d/.test(question) ? [...numbers, ...facts] : [...facts, ...numbers];
    const made = new Finder(about);
    for (const file of [...first, ...texts]) {
      const { kinds } = await load(file);
      await made.add(kinds);
      finder = made;
      waiting.forEach((told) => told());
    }
    complete = true;
  } catch {
    failed = true;
  }
  waiting.forEach((told) => told());
};

let started = false;
const need = (question) => {
  if (started) return;
  started = true;
  start(question);
};

// --- a result ------------------------------------------------------------------------------------

const marked = (text, terms) => pieces(text, terms).map(([piece, is]) => (
  is ? make('mark', { textContent: piece }) : piece));

/** The part of a text around the first place that was found. */
const excerpt = (text, terms) => {
  if (text.length <= EXCERPT) return text;
  const [first] = spans(text, terms)[0] ?? [0];
  const from = first < EXCERPT / 2 ? 0 : text.lastIndexOf(' ', first - EXCERPT / 3) + 1;
  const to = text.indexOf(' ', from + EXCERPT);
  return `${from ? '\u2026 ' : ''}${text.slice(from, to < 0 ? undefined : to)}${to < 0 ? '' : ' \u2026'}`;
};

const badge = (verdict) => make('span', { className: `verdict verdict-${verdict}` },
  make('span', { className: 'mark' }), verdicts[verdict] ?? verdict);

const nameFound = ({ names, terms }) => names.split(' \u00B7 ').find((name) => spans(name, terms).length);

/** A result as a link. */
const link = (result, text) => {
  const title = text ? excerpt(result.title, result.terms) : result.title;
  const first = make('span', { className: 'found-title' }, ...marked(title, result.terms));
  const name = nameFound(result);
  if (name) first.append(' (', ...marked(name, result.terms), ')');
  const second = make('span', { className: 'found-says' });
  if (result.verdict) second.append(badge(result.verdict), ' ');
  second.append(...marked(result.says, result.terms));
  const made = make('a', { href: base + result.address, className: text ? 'found-text' : '' }, first);
  if (second.childNodes.length) made.append(' ', second);
  return made;
};

const count = (groups) => groups.reduce((sum, group) => sum + group.all, 0);
const told = (number) => (number === 1 ? '1 result' : `${number.toLocaleString('en')} results`);
const later = (then) => {
  let timer = 0;
  return () => { clearTimeout(timer); timer = setTimeout(then, WAIT); };
};

// --- the list under the field ------------------------------------------------------------------------

class Box {
  constructor(form, number) {
    this.form = form;
    this.input = $('input', form);
    this.list = make('div', { id: `found-${number}`, className: 'found-list', hidden: true });
    this.list.setAttribute('role', 'listbox');
    this.list.setAttribute('aria-label', 'Results');
    form.append(this.list);
    for (const [name, value] of Object.entries({
      role: 'combobox', 'aria-controls': this.list.id, 'aria-expanded': 'false', 'aria-autocomplete': 'list',
      autocomplete: 'off',
    })) this.input.setAttribute(name, value);
    const again = later(() => this.show());
    this.input.addEventListener('input', again);
    this.input.addEventListener('focus', () => this.show());
    this.input.addEventListener('keydown', (event) => this.key(event));
    this.form.addEventListener('focusout', (event) => {
      if (!this.form.contains(event.relatedTarget)) this.close();
    });
    // A press on a result must not take the focus away before it is a click.
    this.list.addEventListener('pointerdown', (event) => event.preventDefault());
    waiting.add(() => this.show());
  }

  get options() { return $$('[role=option]', this.list); }

  show() {
    const question = this.input.value.trim();
    if (!question || document.activeElement !== this.input) { this.close(); return; }
    need(question);
    if (this.input.value === this.dismissed) return;
    this.dismissed = null;
    const chosen = this.chosen?.href;
    this.list.replaceChildren(...this.content(question));
    this.options.forEach((option, at) => {
      option.id = `${this.list.id}-${at}`;
      option.tabIndex = -1;
    });
    this.list.hidden = false;
    this.input.setAttribute('aria-expanded', 'true');
    this.choose(this.options.find((option) => option.href === chosen) ?? null);
  }

  content(question) {
    const every = `${base}search.html?q=${encodeURIComponent(question)}`;
    const option = (href, ...inside) => {
      const made = make('a', { href, className: 'found-all' }, ...inside);
      made.setAttribute('role', 'option');
      return made;
    };
    if (failed && !finder) return [option(every, 'The search could not be loaded. Other ways in')];
    const groups = finder?.find(question) ?? [];
    const number = count(groups);
    if (complete || number) this.tell(number ? told(number) : 'Nothing found');
    if (!number) return [option(every, complete || failed ? 'Nothing found. Nearest words, and other ways in' : 'Searching \u2026')];
    let room = LISTED;
    const shown = groups.map((group, at) => {
      const results = group.results.slice(0, Math.min(LISTED_OF_A_KIND, room));
      room -= results.length;
      if (!results.length) return '';
      const title = make('div', { className: 'found-kind', id: `${this.list.id}-kind-${at}`, textContent: group.kind });
      const links = results.map((result) => link(result, group.text));
      links.forEach((each) => each.setAttribute('role', 'option'));
      const made = make('div', {}, title, ...links);
      made.setAttribute('role', 'group');
      made.setAttribute('aria-labelledby', title.id);
      return made;
    });
    return [...shown, option(every, `All ${told(number)}`)];
  }

  tell(words) {
    if (words !== this.told) say(words);
    this.told = words;
  }

  choose(option) {
    this.options.forEach((each) => each.setAttribute('aria-selected', String(each === option)));
    this.chosen = option;
    if (option) {
      this.input.setAttribute('aria-activedescendant', option.id);
      option.scrollIntoView?.({ block: 'nearest' });
    } else this.input.removeAttribute('aria-activedescendant');
  }

  key(event) {
    const { options } = this;
    const open = !this.list.hidden;
    if (event.key === 'Escape' && open) {
      event.preventDefault();
      event.stopPropagation();
      this.dismissed = this.input.value;
      this.close();
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      this.dismissed = null;
      if (!open) { this.show(); return; }
      const step = event.key === 'ArrowDown' ? 1 : -1;
      const at = options.indexOf(this.chosen) + step;
      this.choose(options[at] ?? (at < 0 && !this.chosen ? options.at(-1) : null));
    } else if (event.key === 'Enter' && open && this.chosen) {
      event.preventDefault();
      this.chosen.click();
    }
  }

  close() {
    this.list.hidden = true;
    this.list.replaceChildren();
    this.choose(null);
    this.input.setAttribute('aria-expanded', 'false');
  }
}

// --- the page ----------------------------------------------------------------------------------------

const section = (group) => {
  const list = make('ul');
  const fill = (most) => list.replaceChildren(...group.results.slice(0, most).map((result) => make('li', {}, link(result, group.text))));
  fill(SHOWN_OF_A_KIND);
  const made = make('section', {}, make('h2', { textContent: group.kind }), list);
  if (group.results.length > SHOWN_OF_A_KIND) {
    const words = group.all > group.results.length ? `The first ${group.results.length} of ${group.all}` : `All ${group.all}`;
    const more = make('button', { type: 'button', textContent: words });
    more.addEventListener('click', () => {
      fill(Infinity);
      more.remove();
      $$('a', list)[SHOWN_OF_A_KIND].focus();
    });
    made.append(more);
  }
  return made;
};

class SearchPage {
  constructor(form) {
    this.input = $('input', form);
    this.results = $('#search-results');
    this.input.value = asked().get('q') ?? '';
    form.addEventListener('submit', (event) => { event.preventDefault(); this.show(); });
    this.input.addEventListener('input', later(() => this.show()));
    this.input.addEventListener('keydown', (event) => this.key(event));
    this.results.addEventListener('keydown', (event) => this.key(event));
    waiting.add(() => this.show());
    if (this.input.value) this.show();
    else this.input.focus({ preventScroll: true });
  }

  show() {
    const question = this.input.value.trim();
    if (question) need(question);
    remember({ q: question.slice(0, 200) });
    const groups = question ? finder?.find(question) ?? [] : [];
    const number = count(groups);
    const state = $('#search-state');
    if (!question) state.textContent = '';
    else if (number) state.textContent = told(number);
    else if (failed) state.textContent = 'The search could not be loaded. These ways lead in, too:';
    else state.textContent = complete ? 'Nothing was found.' : 'Searching \u2026';
    const place = document.activeElement?.closest('#search-results') && document.activeElement.href;
    this.results.replaceChildren(...groups.map(section));
    if (question && complete && !number) this.results.append(...this.alike(question));
    if (place) $$('a', this.results).find((each) => each.href === place)?.focus();
  }

  /** The nearest words that are there. */
  alike(question) {
    const found = finder.nearest(question);
    if (!found.length) return [];
    const links = found.map((word) => make('a', { href: `?q=${encodeURIComponent(word)}`, textContent: word }));
    return [make('p', {}, 'The nearest words: ', ...links.flatMap((each, at) => (at ? [', ', each] : [each])), '.')];
  }

  key(event) {
    const links = $$('a', this.results);
    const at = links.indexOf(document.activeElement);
    if (event.key === 'ArrowDown' || (event.key === 'ArrowUp' && at >= 0)) {
      event.preventDefault();
      (links[at + (event.key === 'ArrowDown' ? 1 : -1)] ?? (at === 0 ? this.input : links[at]))?.focus();
    } else if (event.key === 'Enter' && document.activeElement === this.input && links.length) {
      if (!questionWords(this.input.value).length) return;
      event.preventDefault();
      links[0].click();
    } else if (event.key === 'Escape') {
      if (at >= 0) event.preventDefault();
      this.input.focus();
    }
  }
}

$$('form[data-search]').forEach((form, number) => {
  if (form.matches('.search-large')) new SearchPage(form);
  else new Box(form, number).show();
});
