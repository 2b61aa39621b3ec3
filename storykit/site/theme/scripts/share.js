// What a reader takes along: citations, the snippet that embeds a figure, a report that names its figure.
import { asked } from './address.js';
import {
  $, $$, base, make, ready, say,
} from './dom.js';

const REPORTED = { 'Figure or row': 'figure', 'Data version': 'data-version', 'It says': 'says', Page: 'page' }; // line of the report -> what the address calls it

const copy = async (button) => {
  const source = button.dataset.copy ? document.getElementById(button.dataset.copy) : button.previousElementSibling;
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    button.textContent = 'Copied';
    say('Copied');
  } catch {
    // No permission: mark the text, so that the reader's own copy command finds it.
    getSelection().selectAllChildren(source);
    source.select?.();
  }
};

const listen = (button) => {
  button.addEventListener('click', () => copy(button));
  ready(button);
};

/** Put a button behind a text that copies it. */
export const makeCopiable = (pre) => {
  const button = make('button', { className: 'copy', type: 'button', textContent: 'Copy' });
  pre.after(button);
  listen(button);
};

const startCopying = () => {
  $$('.copy').forEach(listen);
  $$(':is(.cite, .fig-code) pre').forEach(makeCopiable);
};

const nameThisSite = () => {
  const embed = document.getElementById('embed-code');
  if (embed) embed.value = embed.value.replace('https://address.invalid/', new URL(base, location).href);
};

const giveAddress = () => {
  for (const field of $$('[data-address]')) {
    if (!field.value) field.value = `${location.origin === 'null' ? 'file://' : location.origin}${location.pathname}`;
    ready(field.parentElement);
  }
};

const mailReport = () => {
  for (const link of $$('[data-mail]')) {
    const text = document.getElementById(link.dataset.mail);
    link.addEventListener('click', () => { link.href = `mailto:?body=${encodeURIComponent(text.value)}`; });
  }
};

/** A citation that could not name its address when it was built names the one it is read at. */
const located = (cite) => {
  const address = new URL(base + cite.dataset.page, document.baseURI).href;
  if (!address.startsWith('http')) return; // a file on somebody's disk is no address
  $('p', cite).append(` ${address}`);
  const bibtex = $('pre', cite);
  bibtex.textContent = bibtex.textContent.replace('\n  note =', () => `\n  url = {${address}},\n  note =`);
  for (const link of $$('a[download]', cite)) {
    const [head, ...body] = link.href.split(',');
    const text = decodeURIComponent(body.join(','));
    const named = text.startsWith('TY')
      ? text.replace('ER  - ', () => `UR  - ${address}\r\nER  - `)
      : JSON.stringify(JSON.parse(text).map((item) => ({ ...item, URL: address })));
    link.href = `${head},${encodeURIComponent(named)}`;
  }
};

const fillReport = () => {
  const report = document.getElementById('report-text');
  if (!report) return;
  for (const [line, key] of Object.entries(REPORTED)) {
    const value = asked().get(key);
    if (value !== null) report.value = report.value.replace(new RegExp(`^${line}:.*`, 'm'), () => `${line}: ${value}`);
  }
};

export const startSharing = () => {
  $$('.cite[data-page]').forEach(located);
  startCopying();
  nameThisSite();
  giveAddress();
  fillReport();
  mailReport();
};
