// A text as the words that it can be found by: the same for what is looked in and for what is asked.
import { fold } from './folding.js';

const SIGNS = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}';
const PIECE = new RegExp(`\\d+(?:\\.\\d+)?|[${SIGNS}]+|(?:(?![${SIGNS}])\\p{L})+(?:-(?:(?![${SIGNS}])[\\p{L}\\d])+)*|%`, 'gu');
const WRITTEN_SIGNS = new RegExp(`^[${SIGNS}]`, 'u');
/** What follows a number, short. */
const SHORT = { '%': 'percent', bn: 'billion', b: 'billion', mn: 'million', m: 'million', tn: 'trillion', k: 'thousand' };
/** Words that say nothing of what is looked for; a question of nothing else may ask for them. */
const EMPTY = new Set(('a an and are as at be been by can did do does for from had has have how i in is it its me my of on or that the '
  + 'their there these this to us was we were what when where which who whom whose why will with would you').split(' '));

const isNumber = (word) => /^\d/.test(word);
/** Whether a word is of a writing without spaces. */
export const isSigns = (word) => WRITTEN_SIGNS.test(word);

/** Signs in pairs: 马来西亚 is 马来, 来西, 西亚; one alone stays one. */
const pairs = (signs) => {
  const each = [...signs];
  return each.length < 2 ? each : each.slice(1).map((sign, at) => each[at] + sign);
};

/** A compound is looked for in one word and in its parts. */
const compound = (word) => {
  const parts = word.split('-');
  return parts.length < 2 ? parts : [parts.join(''), ...parts.filter((part) => part.length > 1)];
};

const pieceWords = (piece, before) => {
  if (isSigns(piece)) return pairs(piece);
  if (piece === '%' || (isNumber(before) && SHORT[piece])) return [SHORT[piece]];
  return isNumber(piece) ? [piece] : compound(piece);
};

/** All words of a text, folded, in order. */
export const allWords = (text) => {
  const plain = fold(text.replace(/[\u2019']s(?!\p{L})/gu, '').replace(/per cent/gi, '%'));
  const pieces = plain.match(PIECE) ?? [];
  return pieces.flatMap((piece, at) => pieceWords(piece, pieces[at - 1] ?? ''));
};

/** The words of a text that say something; all of them if none does. */
export const words = (text) => {
  const all = allWords(text);
  const telling = all.filter((word) => !EMPTY.has(word) && (word.length > 1 || isNumber(word) || isSigns(word)));
  return telling.length ? telling : all;
};
