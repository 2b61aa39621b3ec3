// What a reader takes from a figure without a file: table or picture to the clipboard, or on to the phone's own sheet.
import {
  $, $$, ready, say,
} from './dom.js';

const TOLD = 2500; // for so many milliseconds a button says what it did

/** A cell as a spreadsheet takes it: a number without separators, no text that it would run as a formula. */
const cellWords = (cell) => {
  const words = cell.textContent.trim().replace(/\s+/g, ' ');
  return cell.classList.contains('num') ? words.replaceAll(',', '') : words.replace(/^[=+\-@]/, "'$&");
};

const tableWords = (fig) => {
  const rows = $$('.fig-table tr', fig).map((row) => [...row.cells].map(cellWords).join('\t'));
  return [...rows, '', $('.cite p', fig).textContent].join('\n');
};

const picture = async (fig) => {
  const answer = await fetch($('.fig-tools a[href$=".png"]', fig).href);
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status}`);
  return answer.blob();
};

const copyData = (fig) => navigator.clipboard.writeText(tableWords(fig));

// The clipboard is given a promise, not its result: some browsers allow it only while the press is answered.
const copyPicture = (fig) => navigator.clipboard.write([new ClipboardItem({ 'image/png': picture(fig) })]);

const share = async (fig) => {
  const words = { title: $('.fig-title', fig).textContent, url: $('.fig-page', fig).href };
  const files = await picture(fig).then((blob) => [new File([blob], `${fig.dataset.fig}.png`, { type: blob.type })], () => []);
  const all = { ...words, files };
  await navigator.share(files.length && navigator.canShare?.(all) ? all : words);
};

const WAYS = {
  data: { can: () => navigator.clipboard?.writeText, take: copyData, done: 'Copied' },
  picture: { can: () => navigator.clipboard?.write && window.ClipboardItem, take: copyPicture, done: 'Copied' },
  share: { can: () => navigator.share, take: share, done: 'Shared' },
};

const tell = (button, words) => {
  const name = button.dataset.name || button.textContent;
  Object.assign(button.dataset, { name });
  button.textContent = words;
  say(`${name}: ${words}`);
  setTimeout(() => { button.textContent = name; }, TOLD);
};

const answer = async (button, { take, done }) => {
  try {
    await take(button.closest('.fig'));
    tell(button, done);
  } catch (error) {
    if (error.name !== 'AbortError') tell(button, 'Not possible here'); // not when a reader closed the sheet
  }
};

export const startTaking = () => {
  for (const button of $$('[data-take]')) {
    const way = WAYS[button.dataset.take];
    if (way.can()) button.addEventListener('click', () => answer(button, way));
    else button.remove();
  }
  $$('.fig-take').forEach(ready);
};
