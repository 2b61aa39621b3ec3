// Before the first paint: the reader's own colours.
try {
  const chosen = localStorage.getItem('theme');
  if (chosen) document.documentElement.dataset.theme = chosen;
} catch { /* no storage: as the system has them */ }
