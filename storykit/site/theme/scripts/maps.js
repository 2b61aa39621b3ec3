// Live maps: a page of its own in a frame, in the page's colours.
import { stateOf } from './charts.js';
import { $, make } from './dom.js';
import { theme } from './theme.js';

/** Load a map's frame in the colours that are shown, unless it has them. */
export const dressMap = (fig) => {
  const state = stateOf(fig);
  if (state.theme === theme()) return;
  state.theme = theme();
  $('iframe', fig).src = `${fig.dataset.frame}?theme=${state.theme}`;
};

/** Put a map's frame before its picture. */
export const frameMap = (fig, title) => {
  const frame = make('iframe', { title, loading: 'lazy' });
  $('.fig-stage picture', fig).before(frame);
  dressMap(fig);
  return frame;
};

/** Take the frame away. */
export const unframeMap = (fig) => {
  $('.fig-stage iframe', fig)?.remove();
  stateOf(fig).theme = null;
};
