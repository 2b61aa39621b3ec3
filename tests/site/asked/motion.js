// What still moves for a reader who wants no motion.
async () => {
  window.scrollTo(0, 2000);
  await new Promise(requestAnimationFrame);
  const easing = [...document.querySelectorAll('*')].filter((e) => getComputedStyle(e).scrollBehavior === 'smooth');
  return [...document.getAnimations().map((a) => a.animationName || a.transitionProperty || 'an animation'),
    ...easing.map((e) => `${e.localName} scrolls smoothly`)];
}
