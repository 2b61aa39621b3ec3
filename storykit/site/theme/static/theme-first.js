// Before the first paint: the reader's theme, and whether a script or an address will decide what is shown.
(function (r) {
  r.classList.add('js');
  if (location.search || location.hash) r.classList.add('asked');
  try {
    var t = localStorage.getItem('theme');
    if (t) r.dataset.theme = t;
  } catch (e) {}
})(document.documentElement);
