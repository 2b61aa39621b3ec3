// On paper: pale letters, what is cut off by a box that would scroll, text that is gone, what only a screen can do.
() => {
  const found = [];
  const tell = (what, e) => found.push(`${what}: ${e.outerHTML.slice(0, 90)}`);
  const shown = (e) => e.checkVisibility({ visibilityProperty: true });
  const light = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
    return a ? (r + g + b) / 3 : 255;
  };
  const ground = (e) => {
    for (let up = e; up; up = up.parentElement) {
      const colour = getComputedStyle(up).backgroundColor;
      if (colour !== 'rgba(0, 0, 0, 0)') return light(colour);
    }
    return 255;
  };
  for (const e of document.querySelectorAll('main *')) {
    const own = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
    const heard = e.closest('.sr, .tile-text, .tile-verdict'); // for ears alone
    if (own && !heard && shown(e) && (ground(e) < 180 || light(getComputedStyle(e).color) > 150)) tell('pale', e);
  }
  for (const e of document.querySelectorAll('.table-scroll, pre, table')) {
    if (shown(e) && e.scrollWidth > e.clientWidth + 1) tell('cut off', e);
  }
  for (const e of document.querySelectorAll('main :is(h1, h2, h3, p, dd, picture.on-light img)')) {
    const elsewhere = '.fig-title, .still-turn'; // the page's own title says it; arrows of a screen
    if (e.textContent.trim() && !e.checkVisibility() && !e.matches(elsewhere) && !e.closest('details, [hidden], .card, .embed-box, .fig-stage, .filters, .page-toc, .share-address, .fig-tools, .cite-page, .search-page, .reading, .ledger-turn')) tell('gone', e);
  }
  for (const e of document.querySelectorAll('button, select, input[type=range], input[type=search], .top-tools, nav.turn')) if (shown(e)) tell('of a screen', e);
  return found;
}
