// In forced colours: marks that are a background or an edge and nothing else, and can no longer be seen; pictures that
// do not keep the ground they were drawn for.
() => {
  const canvas = getComputedStyle(document.body).backgroundColor;
  const seen = (e) => ['', '::before'].some((part) => {
    const style = getComputedStyle(e, part || null);
    return ![canvas, 'rgba(0, 0, 0, 0)'].includes(style.backgroundColor)
      || ['Top', 'Left'].some((side) => parseFloat(style[`border${side}Width`]) > 0 && style[`border${side}Color`] !== canvas);
  });
  const lost = (e) => (e.localName === 'picture' ? getComputedStyle(e).forcedColorAdjust !== 'none' : !seen(e));
  return [...document.querySelectorAll('.mark, .tile, .still-mark, .strip-span, .theme-icon, .fig-stage picture')]
    .filter((e) => e.checkVisibility() && e.getBoundingClientRect().width && lost(e))
    .map((e) => e.outerHTML.slice(0, 90));
}
