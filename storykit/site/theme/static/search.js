// Sphinx' own search, fetched only when there is a question: the index of the whole book is heavy.
(() => {
  'use strict';
  if (!new URLSearchParams(location.search).get('q')) return;
  const root = document.documentElement.dataset.root || '';
  const files = ['_static/documentation_options.js', '_static/doctools.js', '_static/sphinx_highlight.js',
    '_static/language_data.js', '_static/searchtools.js', 'searchindex.js'];
  for (const file of files) {
    const script = document.createElement('script');
    script.src = root + file;
    // Scripts made by a script run in any order unless told otherwise.
    script.async = false;
    document.head.append(script);
  }
})();
