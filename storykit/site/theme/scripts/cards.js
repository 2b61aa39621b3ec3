// Cards: receipts of numbers, statements of tiles. One at a time, put right behind its trigger, so
// that Tab goes on into it. Enter opens one; focus alone does not, or Tab would walk through every card of a page.
import { challenge } from './challenge.js';
import { $, $$, make, root } from './dom.js';

const CARDS = 'a.receipt[data-receipt], a.tile';
const EDGE = 8; // px kept between a card and the window's edge
const GAP = 6; // px between a card and its trigger

const sheet = matchMedia('(max-width: 37.49rem)'); // there a card is a sheet at the foot of the window
let card = null;
let trigger = null;
let pinned = false;
let timer = 0;

/**
 * Where a card stands: below its trigger, or above where there is more room.
 *
 * near: the trigger's edges; card and space: { width, height }. Everything in px.
 */
export const placed = (near, { width, height }, space) => {
  const below = near.bottom + GAP;
  const above = near.top - height - GAP;
  const top = below + height <= space.height || above < EDGE ? below : above;
  return {
    left: Math.max(EDGE, Math.min(near.left, space.width - width - EDGE)),
    top: Math.max(EDGE, Math.min(top, space.height - height - EDGE)),
  };
};

const place = () => {
  if (!card || sheet.matches) return;
  const near = trigger.getClientRects()[0] || trigger.getBoundingClientRect();
  const size = { width: card.offsetWidth, height: card.offsetHeight };
  const { left, top } = placed(near, size, { width: root.clientWidth, height: innerHeight });
  card.style.cssText = `left:${left}px;top:${top}px`;
};

const close = (refocus) => {
  clearTimeout(timer);
  if (!card) return;
  const [oldCard, oldTrigger] = [card, trigger];
  card = trigger = null;
  oldTrigger.setAttribute('aria-expanded', 'false');
  if (refocus && oldCard.contains(document.activeElement)) oldTrigger.focus();
  oldCard.remove();
};

/** Close the card; whether there was one. */
export const closeCard = () => {
  const open = card !== null;
  close(true);
  return open;
};

const verdictOf = (link) => [...link.classList].find((name) => name.startsWith('verdict-')) || '';

const contentOf = (link) => {
  const receipt = link.dataset.receipt && document.getElementById(link.dataset.receipt);
  if (receipt) return [...receipt.cloneNode(true).childNodes, ...challenge(receipt)];
  if (!link.matches('.tile')) return null;
  const verdict = $('.tile-verdict', link).textContent;
  const badge = make('p', { className: `verdict ${verdictOf(link)}` }, make('span', { className: 'mark' }), verdict);
  const more = make('p', {}, make('a', { href: link.href, textContent: 'All about this claim' }));
  const said = [...$('.tile-text', link).cloneNode(true).childNodes];
  return [badge, make('p', {}, ...said), more];
};

const leave = (event) => {
  if (event.pointerType === 'touch') return;
  clearTimeout(timer); // also of a number that was only brushed while another card is pinned
  if (!pinned) timer = setTimeout(close, 250);
};

const closeButton = () => {
  const button = make('button', { className: 'card-close', type: 'button', textContent: '\u00d7' });
  button.setAttribute('aria-label', 'Close');
  button.addEventListener('click', () => close(true));
  return button;
};

const open = (link, pin) => {
  clearTimeout(timer);
  if (trigger === link) {
    pinned = pinned || pin;
    return;
  }
  const content = contentOf(link);
  if (!content) return;
  close();
  trigger = link;
  pinned = pin;
  card = make('div', { className: `card ${verdictOf(link)}`, popover: 'manual' }, ...content);
  card.setAttribute('role', 'dialog');
  card.setAttribute('aria-label', link.matches('.tile') ? 'The claim' : `About ${link.textContent.trim()}`);
  card.addEventListener('pointerenter', () => clearTimeout(timer));
  card.addEventListener('pointerleave', leave);
  if (pin && sheet.matches) card.append(closeButton());
  link.after(card);
  card.showPopover();
  link.setAttribute('aria-expanded', 'true');
  place();
};

let touch = false;

const press = (link, event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  // A tile is a link first: only a finger, which cannot hover, gets the card before the page.
  if (link.matches('.tile') && !touch) return;
  if (trigger === link && pinned) return;
  event.preventDefault();
  open(link, true);
  if (!event.detail && card) ($('a, button', card) || card).focus();
};

const listen = (link) => {
  link.setAttribute('aria-haspopup', 'dialog');
  link.setAttribute('aria-expanded', 'false');
  link.addEventListener('pointerenter', (event) => {
    if (event.pointerType === 'touch') return;
    clearTimeout(timer);
    timer = setTimeout(() => open(link, false), trigger ? 60 : 180);
  });
  link.addEventListener('pointerleave', leave);
  link.addEventListener('click', (event) => press(link, event));
};

export const startCards = () => {
  if (!HTMLElement.prototype.showPopover) return; // an old browser follows the links
  document.addEventListener('pointerdown', (event) => {
    touch = event.pointerType === 'touch';
    if (card && !card.contains(event.target) && !trigger.contains(event.target)) close();
  }, true);
  document.addEventListener('focusin', (event) => {
    if (card && !card.contains(event.target) && event.target !== trigger) close();
  });
  addEventListener('scroll', place, { passive: true });
  addEventListener('resize', place);
  $$(CARDS).forEach(listen);
};
