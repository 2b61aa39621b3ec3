// Sphinx' own search, fetched only when there is a question: the index of the whole book is heavy.
const FILES = [
  '_static/documentation_options.js', '_static/doctools.js', '_static/sphinx_highlight.js',
  '_static/language_data.js', '_static/searchtools.js', 'searchindex.js',
];

/** Sphinx' excerpts join what stands in neighbouring cells into one word. */
const spaceOut = () => {
  const plain = Search.htmlToText;
  Search.htmlToText = (html, anchor) => plain(html.replaceAll('<', ' <'), anchor);
};

const load = (file) => {
  const script = document.createElement('script');
  script.src = (document.documentElement.dataset.root || '') + file;
  // Scripts made by a script run in any order unless told otherwise.
  script.async = false;
  if (file.endsWith('searchtools.js')) script.onload = spaceOut;
  document.head.append(script);
};

if (new URLSearchParams(location.search).get('q')) {
  try {
    // Sphinx would mark the words of the search before this one.
    localStorage.removeItem('sphinx_highlight_terms');
  } catch { /* no storage, no old words */ }
  FILES.forEach(load);
}
