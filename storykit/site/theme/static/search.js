// Sphinx' own search, fetched only when there is a question: the index of the whole book is heavy.
(() => {
  'use strict';
  if (!new URLSearchParams(location.search).get('q')) return;
  // Sphinx' excerpts join what stands in neighbouring cells into one word.
  const spaceOut = () => {
    const plain = Search.htmlToText;
    Search.htmlToText = (html, anchor) => plain(html.replaceAll('<', ' <'), anchor);
  };
  const root = document.documentElement.dataset.root || '';
  try {
    // Sphinx would mark the words of the search before this one.
    localStorage.removeItem('sphinx_highlight_terms');
  } catch { /* no storage, no old words */ }
  const files = ['_static/documentation_options.js', '_static/doctools.js', '_static/sphinx_highlight.js',
    '_static/language_data.js', '_static/searchtools.js', 'searchindex.js'];
  for (const file of files) {
    const script = document.createElement('script');
    script.src = root + file;
    // Scripts made by a script run in any order unless told otherwise.
    script.async = false;
    if (file.endsWith('searchtools.js')) script.onload = spaceOut;
    document.head.append(script);
  }
})();
