// What keeps a reader from reading a page as it stands: a list of sentences. Text and controls that are cut off, that
// stand outside the window with no box around them that scrolls, or that lie over one another.
() => {
  const wide = document.documentElement.clientWidth;
  const found = new Set();
  const texts = [];

  const name = (e) => `${e.tagName.toLowerCase()}${e.id ? `#${e.id}` : ''}${[...e.classList].map((c) => `.${c}`).join('')}`;
  const where = (e) => [e.parentElement?.parentElement, e.parentElement, e].filter(Boolean).map(name).join(' > ');
  const words = (e) => `"${e.textContent.trim().slice(0, 30)}"`;
  // What lies wholly to the left waits there for its focus.
  const outside = (box) => box.right > wide + 1 || (box.left < -1 && box.right > 0);

  // A list that opens over the page lies over it on purpose.
  const look = (e, scrolled, layer) => {
    const style = getComputedStyle(e);
    const overflow = style.overflowX + style.overflowY;
    const unseen = style.display === 'none' || style.visibility === 'hidden' || style.opacity === '0'
      || style.clipPath !== 'none' || (style.position === 'absolute' && e.clientWidth <= 1 && !e.querySelector('input'));
    // A map cuts its land, as a window does.
    if (unseen || e.matches('svg, option, [role=application]')) return;
    const own = style.position !== 'static' && style.zIndex !== 'auto' && style.backgroundColor !== 'rgba(0, 0, 0, 0)' ? e : layer;
    const scrolls = /auto|scroll/.test(overflow);
    const over = e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1;
    if (/hidden|clip/.test(overflow) && !scrolls && e.clientWidth && over && e.innerText?.trim()) found.add(`cut off: ${where(e)}`);
    const control = /^(button|summary|select|input|textarea|img|iframe)$/.test(e.localName);
    if (/^(button|summary)$/.test(e.localName) && e.scrollWidth > e.clientWidth + 1) found.add(`wider than its box: ${where(e)}`);
    const inside = scrolled || (scrolls && e !== document.body);
    if (control && !inside && e.getBoundingClientRect().width && outside(e.getBoundingClientRect())) found.add(`outside: ${where(e)}`);
    for (const child of e.childNodes) {
      if (child.nodeType === Node.ELEMENT_NODE) look(child, inside, own);
      if (child.nodeType !== Node.TEXT_NODE || !child.data.trim() || inside) continue;
      const range = document.createRange();
      range.selectNodeContents(child);
      for (const box of range.getClientRects()) if (box.width > 1) texts.push({ e, box, layer: own, size: parseFloat(style.fontSize) });
    }
  };
  look(document.body, false, document.body);

  if (document.documentElement.scrollWidth > wide) found.add(`scrolls sideways: ${document.documentElement.scrollWidth} in ${wide}`);
  for (const { e, box } of texts) if (outside(box)) found.add(`outside: ${where(e)} ${words(e)}`);
  // Letters alone, without the room that a line has above and below.
  const lines = texts.map(({ e, box, layer, size }) => {
    const air = (box.height - size * 0.62) / 2;
    return { e, layer, left: box.left + 1, right: box.right - 1, top: box.top + air, bottom: box.bottom - air };
  }).sort((a, b) => a.top - b.top);
  lines.forEach((a, number) => {
    for (const b of lines.slice(number + 1, number + 60)) {
      if (b.top >= a.bottom) break;
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (a.e !== b.e && a.layer === b.layer && across > 2 && down > 2) found.add(`over each other: ${where(a.e)} ${words(a.e)}, ${where(b.e)} ${words(b.e)}`);
    }
  });
  return [...found];
}
