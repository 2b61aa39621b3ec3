// A page for the scripts under test: the window of happy-dom, made global before a script is imported.
import { Window } from 'happy-dom';

const NAMES = [
  'document', 'location', 'history', 'localStorage', 'matchMedia', 'addEventListener', 'HTMLElement', 'getSelection',
  'Event', 'innerWidth', 'innerHeight',
];

/** Open a page with a body at an address, and make its window the global one. */
export const open = (body, address = 'book/page.html') => {
  const window = new Window({ url: `https://site.example/${address}` });
  window.document.body.innerHTML = body;
  globalThis.window = window;
  for (const name of NAMES) {
    const value = window[name];
    globalThis[name] = typeof value === 'function' && !value.prototype ? value.bind(window) : value;
  }
  return window;
};

/** The scripts of the theme. */
export const script = (name) => import(`../../storykit/site/theme/scripts/${name}.js`);
