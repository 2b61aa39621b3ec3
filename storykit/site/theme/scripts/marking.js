// Where in a text the words stand that something was found by.
import { allWords, isSigns } from './words.js';

const PIECE = /\d[\d,\u00A0\u2009\u202F]*(?:\.\d+)?|[\p{L}\p{M}]+(?:[\u2019'\u2010-\u2015-][\p{L}\p{M}\d]+)*/gu;

const signSpans = (text, from, terms) => [...text].slice(1).flatMap((_, at) => {
  const pair = text.slice(at, at + 2);
  return terms.has(pair) ? [[from + at, from + at + 2]] : [];
});

/** [begin, end] of each place in a text where one of the words stands, in order, none in another. */
export const spans = (text, found) => {
  const terms = new Set(found);
  const places = [...text.matchAll(PIECE)].flatMap(({ 0: piece, index }) => {
    if (isSigns(piece) && piece.length > 1) return signSpans(piece, index, terms);
    const end = index + piece.replace(/[,\s]+$/, '').length;
    return allWords(piece).some((word) => terms.has(word)) ? [[index, end]] : [];
  });
  const joined = [];
  for (const [begin, end] of places) {
    const last = joined.at(-1);
    if (last && begin <= last[1]) last[1] = Math.max(end, last[1]);
    else joined.push([begin, end]);
  }
  return joined;
};

/** A text as [piece, whether it is marked]. */
export const pieces = (text, found) => {
  const all = [];
  let end = 0;
  for (const [begin, to] of spans(text, found)) {
    all.push([text.slice(end, begin), false], [text.slice(begin, to), true]);
    end = to;
  }
  return [...all, [text.slice(end), false]].filter(([piece]) => piece);
};
