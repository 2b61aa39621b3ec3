// A figure in a frame of another page tells that page how high it is; what the snippet says to do with it is theirs.

const tell = () => {
  const { height } = document.documentElement.getBoundingClientRect();
  // Any page may know: a frame without an origin of its own (sandbox) cannot name whom it tells.
  window.parent.postMessage({ context: 'iframe.resize', height: Math.ceil(height) }, '*');
};

export const startReporting = () => {
  const framed = window.parent !== window && document.body.classList.contains('kind-embed');
  if (framed) new ResizeObserver(tell).observe(document.body);
};
