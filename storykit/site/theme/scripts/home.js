// On the page of an address where there is nothing: where the site begins. A host shows that page at any depth, so
// its links mean nothing until this is known. A folder of ours in the address tells; otherwise the host is asked.
const here = document.currentScript;
const folders = here.dataset.folders.split(' ');
const steps = location.pathname.split('/').slice(0, -1);
const known = steps.findIndex((step) => folders.includes(step));
const upTo = (count) => `${steps.slice(0, count).join('/')}/`;

const isRoot = async (path) => {
  try {
    return (await fetch(`${path}${here.dataset.page}`, { method: 'HEAD' })).ok;
  } catch { return false; /* no network: the next one will say so, too */ }
};

const find = async () => {
  if (known > 0) return upTo(known);
  for (let count = steps.length; count > 1; count -= 1) if (await isRoot(upTo(count))) return upTo(count);
  return '/';
};

find().then((path) => {
  const base = document.createElement('base');
  base.href = path;
  document.head.prepend(base);
  const script = document.createElement('script');
  script.src = here.dataset.script;
  document.head.append(script);
});
