// A link to what stands folded away opens it.
import { $$ } from './dom.js';

const target = () => {
  try {
    return location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  } catch { return null; /* #50% is no address, and no reason to stop */ }
};

const reveal = () => {
  const found = target();
  if (!found) return;
  for (const box of $$('details').filter((each) => each.contains(found))) box.open = true;
  found.scrollIntoView();
};

export const startAnchors = () => {
  addEventListener('hashchange', reveal);
  reveal();
};
