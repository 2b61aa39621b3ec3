// A link to each paragraph. One link for the whole page, which goes to the paragraph that the pointer or the focus is
// in; for those who use neither a button shows all of them. So hundreds of paragraphs add one tab stop.
import { $, $$, make, say } from './dom.js';

const NAMED = 'main :is(p, li)[id^="p-"]';

const linkTo = (paragraph) => {
  const link = make('a', { className: 'to-paragraph', href: `#${paragraph.id}`, textContent: '\u00b6' });
  link.setAttribute('aria-label', 'Link to this paragraph');
  return link;
};

const copy = async (link) => {
  try {
    await navigator.clipboard.writeText(link.href);
    say('The address of the paragraph is copied');
  } catch { /* no permission: it stands in the address bar */ }
};

const listen = (article) => {
  let shown = null;
  const show = ({ target }) => {
    const paragraph = target.closest?.(NAMED);
    if (!paragraph || $('.to-paragraph', paragraph)) return;
    if (shown && !shown.matches(':focus')) shown.remove();
    shown = linkTo(paragraph);
    paragraph.append(shown);
  };
  article.addEventListener('pointerover', (event) => { if (event.pointerType !== 'touch') show(event); });
  article.addEventListener('focusin', show);
  article.addEventListener('click', ({ target }) => { if (target.matches('.to-paragraph')) copy(target); });
};

const offerAll = (line) => {
  const button = make('button', { type: 'button', textContent: '\u00b6', title: 'A link at each paragraph' });
  button.setAttribute('aria-label', 'A link at each paragraph');
  button.setAttribute('aria-pressed', 'false');
  button.addEventListener('click', () => {
    const on = button.getAttribute('aria-pressed') === 'false';
    button.setAttribute('aria-pressed', String(on));
    for (const link of $$('.to-paragraph')) link.remove();
    if (on) for (const paragraph of $$(NAMED)) paragraph.append(linkTo(paragraph));
  });
  line.append(button);
};

export const startParagraphs = () => {
  const article = $('main > article');
  if (!article || !$(NAMED)) return;
  listen(article);
  const line = $('.reading');
  if (line) offerAll(line);
};
