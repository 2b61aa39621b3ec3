// On paper: pictures not yet scrolled to would be missing, and dark ones would be dark.
import { $$, root } from './dom.js';
import { theme } from './theme.js';

export const startPrinting = () => {
  addEventListener('beforeprint', () => {
    if (theme() === 'dark') root.dataset.printed = 'dark';
    for (const image of $$('img[loading=lazy]')) image.loading = 'eager';
  });
  addEventListener('afterprint', () => { delete root.dataset.printed; });
};
