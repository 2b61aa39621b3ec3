// Controls that a screen reader could not tell apart: two in one place with one name that do different things.
() => {
  const places = 'li, td, th, dd, figure, form, nav, dialog, details, section, article, header, footer, body';
  const seen = new Map();
  const found = [];
  // A number or a verdict in prose is told apart by its sentence.
  for (const e of document.querySelectorAll('a[href], button, input, select, textarea, summary')) {
    if (!e.checkVisibility() || e.matches('.receipt, .verdict, .headerlink, .to-paragraph')) continue;
    const of = (ids) => ids.split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
    const labelled = e.getAttribute('aria-labelledby');
    const words = (labelled ? of(labelled) : e.getAttribute('aria-label')
      || [...(e.labels ?? [])].map((l) => l.textContent).join(' ') || e.innerText || e.querySelector('img')?.alt || e.title || '').trim();
    if (!words) { found.push(`no name: ${e.outerHTML.slice(0, 120)}`); continue; }
    const place = e.parentElement.closest(places);
    const key = `${words} ${e.localName}`;
    const does = e.href ?? e.outerHTML;
    const there = seen.get(place) ?? seen.set(place, new Map()).get(place);
    if (there.has(key) && there.get(key) !== does) found.push(`twice in one ${place.localName}: ${words.slice(0, 60)} (${does.slice(-60)})`);
    there.set(key, does);
  }
  return found;
}
