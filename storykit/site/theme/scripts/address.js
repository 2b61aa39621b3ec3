// What a reader sets lives in the address, so that a link shows the same.

/** What the address asks for now. */
export const asked = () => new URLSearchParams(location.search);

/** Write changes into the address: key -> value or list of values; an empty value takes the key away. */
export const remember = (changes) => {
  const url = new URL(location);
  for (const [key, value] of Object.entries(changes)) {
    url.searchParams.delete(key);
    for (const each of [value].flat()) if (each) url.searchParams.append(key, each);
  }
  // Commas are readable and allowed in a query; the browser would write %2C.
  history.replaceState(null, '', url.href.replaceAll('%2C', ','));
};
