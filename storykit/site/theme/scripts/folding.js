// Texts as one looks for them: how a sign was typed does not matter.
const QUOTES = /["'`´‘’‚‛“”„‟«»‹›ʻʼ′″]/g;
const HYPHENS = /[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D]/g;
const UNSEEN = /[\u00AD\u200B-\u200D\u2060\uFEFF]/g;
const MARKS = /\p{M}/gu;
// Between digits only, so that a sentence's commas stay; a plain space may stand between two numbers.
const THOUSANDS = /(?<![\d.,])\d{1,3}(?:[,\u00A0\u2009\u202F]\d{3})+(?!\d)/g;

/**
 * A text in lower case, without accents and quotes, with one kind of hyphen, and with the digits of a
 * number side by side: `Café’s 1,972` becomes `cafes 1972`.
 */
export const fold = (text) => text
  .replace(UNSEEN, '')
  .replace(QUOTES, '')
  .replace(HYPHENS, '-')
  .replace(THOUSANDS, (number) => number.replace(/\D/g, ''))
  .normalize('NFKD')
  .replace(MARKS, '')
  .toLowerCase()
  .replace(/\s+/g, ' ');

const joined = (text) => text.replaceAll('-', '');

/** A text to look in, made once: folded, and once more with its compounds in one word. */
export const searchable = (text) => {
  const folded = fold(text);
  return `${folded}\n${joined(folded)}`;
};

/**
 * Whether a searchable text holds all words of a question, as a function of the text: the question is folded once,
 * however many texts are asked. `e-commerce` is `ecommerce` and `e commerce`.
 */
export const asking = (question) => {
  const words = fold(question).trim().split(' ').map((word) => (
    [...new Set([word, joined(word), word.length > 1 ? word.replaceAll('-', ' ') : word])]));
  return (text) => words.every((forms) => forms.some((form) => text.includes(form)));
};

/** Whether a searchable text holds all words asked for. */
export const holds = (text, question) => asking(question)(text);
