// The few words that every part says to the document.
export const root = document.documentElement;
/** Relative path from this page to the root of the site. */
export const base = root.dataset.root || '';
export const $ = (selector, from = document) => from.querySelector(selector);
export const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];

/** An element with properties (not attributes) and children. */
export const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

/**
 * Show what is of use only now that its script runs. The sheet hides it and keeps its room, so that
 * nothing moves, and a page whose script never arrives holds no dead button.
 */
export const ready = (element) => element.classList.add('ready');

/** Hide an element, or show it; writing what stands there already would cost a layout. */
export const hide = (element, hidden) => {
  if (element.hidden !== hidden) element.hidden = hidden;
};

/** Parsed JSON of an address; throws if it cannot be had. */
export const json = async (url) => {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
};

const said = make('div', { className: 'sr' });
said.setAttribute('role', 'status');
document.body.append(said);

/** Say a text to those who listen to the page. */
export const say = (text) => { said.textContent = text; };
