// Finds what a question asks for among rows, values and paragraphs. Knows no page: parts go in, results come out.
import MiniSearch from 'minisearch';
import { nearest } from './nearest.js';
import { allWords, isSigns, words } from './words.js';

const LONGEST = 200;
const MOST_WORDS = 12;
const MOST_OF_A_KIND = 100;
/** Of the words asked for, so much must be there to be a result at all. */
const ENOUGH = 0.34;
/** A word that is there in another spelling counts less. */
const ALIKE = 0.75;
/** So many documents are looked at once more, whether the question stands in them as it was asked. */
const LOOKED_AT = 60;
const CHUNK = 50;
/** What stands above all that merely holds the words: the words in their order, a name that they are all of, a value. */
const ABOVE = 0.5;
const SHORT_TITLE = 80;
const [TITLE, SAYS, ADDRESS, PRINTED, HIDDEN, VERDICT, VALUES] = [0, 1, 2, 3, 4, 5, 6];
const QUALIFIERS = { '~': 'about ', '>': 'at least ', '<': 'at most ' };

const isNumber = (word) => /^\d/.test(word);
/** The anchor of a row on the page of its series: letters, digits and single dashes. */
const anchor = (key) => `o-${key.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '')}`;
const grouped = (number) => number.replace(/^(-?)(\d+)/, (_, sign, digits) => (
  (sign ? '\u2212' : '') + digits.replace(/\B(?=(\d{3})+$)/g, ',')));

/** A value as readers write it, with what its unit puts before and behind. */
export const written = (value, [prefix, suffix]) => {
  const qualifier = QUALIFIERS[value[0]] ?? '';
  const number = grouped(qualifier ? value.slice(1) : value);
  const sign = number[0] === '\u2212' ? '\u2212' : '';
  return qualifier + sign + prefix + number.slice(sign.length) + suffix;
};

/** The words that are asked for: not without end, and each once. */
export const questionWords = (question) => [...new Set(words(question.slice(0, LONGEST)))].slice(0, MOST_WORDS);

export class Finder {
  #docs = [];
  #kinds = [];
  #series = [];
  #index = new MiniSearch({
    fields: ['title', 'names', 'more'],
    extractField: (id, field) => (field === 'id' ? id : this.#field(this.#docs[id], field)),
    tokenize: words,
    processTerm: (term) => term,
  });

  constructor({ places = {}, periods = {} } = {}) {
    this.places = Object.entries(places).map(([key, name]) => [key, { name, words: new Set(words(name)) }]);
    this.places = Object.fromEntries(this.places);
    this.periods = periods;
  }

  /** Take in kinds of things; gives way to the page between pieces. */
  async add(kinds) {
    const from = this.#docs.length;
    for (const kind of kinds) {
      const known = this.#kinds.find((other) => other.id === kind.id);
      if (!known) this.#kinds.push({ id: kind.id, title: kind.title, text: Boolean(kind.text), order: this.#kinds.length });
      const mine = known ?? this.#kinds.at(-1);
      for (const doc of kind.docs) {
        this.#docs.push({ doc, kind: mine });
        if (doc[VALUES]) this.#series.push({ doc, words: null });
      }
    }
    const ids = this.#docs.slice(from).map((_, at) => from + at);
    await this.#index.addAllAsync(ids, { chunkSize: CHUNK });
  }

  #field({ doc, kind }, field) {
    if (field === 'title') return doc[TITLE];
    if (field === 'names') return `${doc[PRINTED] ?? ''} ${doc[HIDDEN] ?? ''}`;
    return kind.text ? '' : doc[SAYS] ?? '';
  }

  /**
   * Results of a question in groups of a kind, best group first: {kind, text, all, results: [{title, says, address,
   * names, verdict, terms}]}.
   */
  find(question) {
    const terms = questionWords(question);
    if (!terms.length) return [];
    const open = /[\p{L}\d]$/u.test(question) ? terms.at(-1) : '';
    const found = [...this.#rows(question, terms, open), ...this.#values(terms)];
    // Facts before texts where both hold the same.
    found.sort((a, b) => b.quality - a.quality || a.kind.text - b.kind.text || b.score - a.score);
    const best = found[0]?.quality ?? 0;
    const groups = new Map();
    for (const each of found) {
      if (each.quality < Math.max(ENOUGH, best * 0.5)) break;
      const group = groups.get(each.kind.id) ?? { kind: each.kind.title, id: each.kind.id, text: each.kind.text, all: 0, results: [] };
      groups.set(each.kind.id, group);
      group.all += 1;
      if (group.results.length < MOST_OF_A_KIND) group.results.push(each.result);
    }
    return [...groups.values()];
  }

  #rows(question, terms, open) {
    const raw = this.#index.search(terms.join(' '), {
      tokenize: () => terms,
      combineWith: 'OR',
      boost: { title: 2, names: 2 },
      prefix: (term) => term === open && (term.length > 1 || isSigns(term)),
      fuzzy: (term) => (term.length > 3 && !isNumber(term) && !isSigns(term) ? 0.2 : false),
      weights: { fuzzy: 0.3, prefix: 0.6 },
    });
    const phrase = terms.length > 1 ? allWords(question.slice(0, LONGEST)).join(' ') : '';
    const found = raw.map((hit) => {
      const { doc, kind } = this.#docs[hit.id];
      const had = new Set(hit.terms);
      const counts = terms.map((term) => {
        if (had.has(term) || had.has(`${term}s`) || had.has(term.replace(/s$/, '')) || (term === open && hit.terms.some((word) => word.startsWith(term)))) return 1;
        return hit.queryTerms.includes(term) ? ALIKE : 0;
      });
      const named = counts.every(Boolean) && doc[TITLE].length < SHORT_TITLE && words(doc[TITLE]).every((word) => had.has(word)) ? ABOVE : 0;
      const quality = counts.reduce((a, b) => a + b) / terms.length + named;
      return { kind, doc, quality, score: hit.score, terms: hit.terms };
    });
    found.sort((a, b) => b.quality - a.quality || b.score - a.score);
    // Two or three words in a row are how a thing is called; more are how somebody wrote.
    const quoted = question.trim().split(/\s+/).length > 3;
    for (const each of found.slice(0, LOOKED_AT)) {
      if (phrase && (quoted || !each.kind.text) && each.quality > 0.9 && allWords(each.doc[TITLE]).join(' ').includes(phrase)) each.quality += ABOVE;
    }
    return found.map((each) => ({ ...each, result: result(each.doc, each.terms) }));
  }

  /** Measured values: a number asked for is a value or stands in its period, a word stands in its series or place. */
  #values(terms) {
    const numbers = terms.filter(isNumber);
    if (!numbers.length && terms.length < 2) return [];
    const found = [];
    const kind = { id: 'values', title: 'Measured values', text: false };
    for (const series of this.#series) {
      const { doc } = series;
      const [prefix, suffix, of] = doc[VALUES];
      series.words ??= new Set(words(`${doc[TITLE]} ${doc[SAYS]} ${prefix}1${suffix}`));
      const told = terms.filter((term) => series.words.has(term) && !isNumber(term));
      for (const [place, values] of Object.entries(of)) {
        const here = this.places[place] ?? { name: place, words: new Set() };
        const said = terms.filter((term) => told.includes(term) || here.words.has(term));
        if (!numbers.length && said.length < terms.length) continue;
        const all = values.split('|').map((each) => each.split('='));
        const asked = numbers.length ? all : [all.filter(([key]) => !key.includes('~')).at(-1) ?? all.at(-1)];
        for (const [key, value] of asked) {
          const plain = value.replace(/^[~<>]?-?/, '');
          const equal = numbers.filter((number) => number === plain);
          const dated = numbers.filter((number) => number !== plain && key.includes(number) && number.length === 4);
          const quality = (said.length + equal.length + dated.length) / terms.length;
          if (!(equal.length || (said.length && quality === 1))) continue;
          const exact = equal.length && quality === 1 ? ABOVE : 0;
          const lead = key.includes('~') ? 0 : 1;
          const period = key.split('~')[0];
          const title = written(value, [prefix, suffix]);
          const where = [doc[TITLE], here.name, this.periods[period] ?? period].join(' \u00B7 ');
          const row = [title, where, `${doc[ADDRESS]}#${anchor(`${place}/${key}`)}`];
          found.push({ kind, quality: quality + exact, score: (exact ? 100 : equal.length ? 20 : 4) + lead, result: result(row, terms) });
        }
      }
    }
    return found;
  }

  /** Words that are there and most like those asked for, when nothing was found. */
  nearest(question) {
    const known = new Set(this.#docs.filter(({ kind }) => !kind.text).flatMap(({ doc }) => words(doc[TITLE])));
    const all = [...known].filter((word) => word.length > 3 && !isNumber(word));
    return [...new Set(questionWords(question).slice(0, 3).flatMap((word) => nearest(word, all, 3)))].slice(0, 5);
  }
}

const result = (doc, terms) => {
  const [path, place] = doc[ADDRESS].split('#');
  const find = terms.slice(0, 8).map(encodeURIComponent).join('+');
  return {
    title: doc[TITLE],
    says: doc[SAYS] ?? '',
    names: doc[PRINTED] ?? '',
    verdict: doc[VERDICT] ?? '',
    address: `${path}?find=${find}${place ? `#${place}` : ''}`,
    terms,
  };
};
