// Spots of a figure from which one finger could not move the page.
() => [...document.querySelectorAll('.fig-stage, .fig-stage *')]
  .filter((e) => !/auto|manipulation|pan-y/.test(getComputedStyle(e).touchAction))
  .map((e) => `${e.closest('figure').id} ${e.localName}.${e.className}`)
