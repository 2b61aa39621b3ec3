// Try it: a number that a sentence rests on is slid, and compared with the value at which the sentence turns.
import { asked, remember } from './address.js';
import { $, $$, ready } from './dom.js';

const COMPARED = {
  '>': (a, b) => a > b, '>=': (a, b) => a >= b, '<': (a, b) => a < b, '<=': (a, b) => a <= b,
};

/** Whether a sentence would hold at a value. */
export const holds = (value, sign, at) => COMPARED[sign](Number(value), Number(at));

const show = (field) => {
  const slider = $('input', field);
  const {
    at, sign, before, after, yes = 'it holds', no = 'it would not hold',
  } = field.dataset;
  const number = Number(slider.value).toLocaleString('en', { maximumFractionDigits: 6 }).replace('-', '\u2212');
  $('output', field).textContent = `${before}${number}${after}: ${holds(slider.value, sign, at) ? yes : no}`;
};

export const startTurns = () => {
  const [name, value] = (asked().get('try') || '').split('~');
  for (const field of $$('.try')) {
    const slider = $('input', field);
    slider.addEventListener('input', () => show(field));
    slider.addEventListener('change', () => remember({ try: `${slider.name}~${slider.value}` }));
    if (value && slider.name === name) {
      slider.value = value;
      if (field.closest('details')) field.closest('details').open = true;
      show(field);
      field.scrollIntoView({ block: 'center' });
    }
    ready(field);
  }
};
