// A guided story: while its steps are scrolled, one picture beside them takes the state of the step that is read.
// Without this, with little motion and on paper each step shows its own still.
import { $$, make } from './dom.js';

const narrow = matchMedia('(max-width: 959px)'); // to ask for a width would lay out the whole book at once

/** The stage of some steps, with a copy of each still: the first is shown. */
export const stageOf = (steps) => {
  const stage = make('div', { className: 'stage' }, ...$$('.still', steps).map((still) => still.cloneNode(true)));
  steps.prepend(stage);
  steps.classList.add('live');
  return stage;
};

/** Show one state; those before it lie under it, so that nothing flickers. */
export const show = (stage, now) => {
  [...stage.children].forEach((still, at) => still.classList.toggle('now', at === now));
};

export const startStage = () => {
  for (const steps of $$('.steps')) {
    const sections = $$(':scope > section', steps);
    const stage = stageOf(steps);
    show(stage, 0);
    // The line at which a step is read: in the middle, on a phone lower, because the picture stands above the text.
    const line = narrow.matches ? 70 : 55;
    const watch = new IntersectionObserver((seen) => {
      for (const { isIntersecting, target } of seen) if (isIntersecting) show(stage, sections.indexOf(target));
    }, { rootMargin: `-${line}% 0px -${100 - line}% 0px` });
    sections.forEach((section) => watch.observe(section));
  }
};
