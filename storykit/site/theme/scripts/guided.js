// A story told in steps over one picture that changes with them. Without the script, on paper, and for readers who
// want little motion each step has its own still picture beside it.
import { $, $$, make } from './dom.js';

const CALM = '(prefers-reduced-motion: reduce)';

const show = (stage, steps, now) => {
  const still = $('.guided-still', now);
  stage.className = still.className.replace('guided-still', 'guided-stage');
  [...stage.children].forEach((mark, i) => mark.classList.toggle('is-off', i >= still.children.length));
  for (const step of steps) step.classList.toggle('is-now', step === now);
};

const guide = (box) => {
  const steps = $$('.guided-step', box);
  const most = Math.max(...$$('.guided-still', box).map((still) => still.children.length));
  const stage = make('div', {}, ...Array.from({ length: most }, () => make('i')));
  stage.setAttribute('aria-hidden', 'true'); // each step says what its own picture holds
  $('.guided-steps', box).before(stage);
  show(stage, steps, steps[0]);
  const middle = { rootMargin: '-50% 0px -50% 0px' };
  const observer = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) if (isIntersecting) show(stage, steps, target);
  }, middle);
  for (const step of steps) {
    step.tabIndex = 0;
    step.addEventListener('focus', () => step.scrollIntoView({ block: 'center' }));
    step.addEventListener('focusin', () => show(stage, steps, step));
    observer.observe(step);
  }
  box.classList.add('is-live');
};

export const startGuided = () => {
  if (!matchMedia(CALM).matches) $$('.guided').forEach(guide);
};
