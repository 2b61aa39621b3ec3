import assert from 'node:assert/strict';
import { test } from 'node:test';

import { script } from './page.js';

const { dressed, merge } = await script('dressing');

const TEMPLATE = { light: { layout: { font: 'light' } }, dark: { layout: { font: 'dark' } }, swap: { '#aabbcc': '#112233' } };
const VIEW = { narrow: false, theme: 'light', template: TEMPLATE, hidden: null, lens: null, range: null };

const spec = () => ({
  data: [
    { name: 'one', x: [1], y: [3], line: { color: '#AABBCC' }, meta: { lens: 'MY' } },
    { name: 'two', x: [1], y: [1], meta: { lens: 'SG' } },
    { x: [1], y: [2] },
  ],
  layout: { width: 760, height: 400, margin: { l: 8, r: 8 }, annotations: [{ name: 'two', text: 'words', y: 1 }] },
  narrow: { margin: { r: 0 }, annotations: [] },
});

const seen = (view) => dressed(spec(), { ...VIEW, ...view })[0].map((trace) => trace.visible ?? true);

test('objects are merged, lists replaced', () => {
  assert.deepEqual(merge({ a: { b: 1, c: [1, 2] } }, { a: { c: [3] }, d: null }), { a: { b: 1, c: [3] }, d: null });
});

test('what is stored stays as it is', () => {
  const stored = spec();
  dressed(stored, { ...VIEW, narrow: true, theme: 'dark', hidden: new Set(['two']) });
  assert.deepEqual(stored, spec());
});

test('the size is the box\'s, and a narrow window has its own layout', () => {
  const [, wide] = dressed(spec(), VIEW);
  assert.ok(!('width' in wide) && !('height' in wide) && wide.autosize);
  const [, slim] = dressed(spec(), { ...VIEW, narrow: true });
  assert.deepEqual(slim.margin, { l: 8, r: 0 });
  assert.deepEqual(slim.annotations, []);
});

test('in the dark every colour of the tokens is its dark one', () => {
  const [[one], layout] = dressed(spec(), { ...VIEW, theme: 'dark' });
  assert.equal(one.line.color, '#112233');
  assert.equal(layout.template.layout.font, 'dark');
});

test('hidden series are hidden by name, and unnamed ones by their place', () => {
  assert.deepEqual(seen({ hidden: new Set(['two', '#2']) }), [true, 'legendonly', 'legendonly']);
});

test('a lens shows its codes, whatever else is hidden', () => {
  assert.deepEqual(seen({ lens: new Set(['SG']), hidden: new Set(['two']) }), ['legendonly', true, true]);
});

test('words about a series go with it', () => {
  const [, layout] = dressed(spec(), { ...VIEW, hidden: new Set(['two']) });
  assert.equal(layout.annotations[0].visible, false);
});

test('a hidden lane leaves no gap', () => {
  const lanes = { data: [
    { name: 'low', y: [0], meta: { band: [-0.5, 0.5] } }, { name: 'high', y: [1], meta: { band: [0.5, 1.5] } },
  ], layout: { yaxis: { range: [-0.5, 1.5] } } };
  const [data, layout] = dressed(lanes, { ...VIEW, hidden: new Set(['low']) });
  assert.deepEqual(data[1].y, [0]);
  assert.deepEqual(layout.yaxis.range, [-0.5, 0.5]);
});

test('the range a reader chose is kept', () => {
  const [, layout] = dressed(spec(), { ...VIEW, range: ['2016', '2020'] });
  assert.deepEqual(layout.xaxis, { range: ['2016', '2020'], autorange: false });
});

test('another measure is a chart of its own; one that the chart does not have is not shown', () => {
  const index = { key: 'index', ...spec(), layout: { yaxis: { title: 'index' }, annotations: [] } };
  index.data[0].y = [100];
  const stored = { ...spec(), measures: [index] };
  const of = (measure) => {
    const [[one], layout] = dressed(stored, { ...VIEW, measure });
    return [one.y[0], layout.yaxis?.title];
  };
  assert.deepEqual(of('index'), [100, 'index']);
  assert.deepEqual(of(null), [3, undefined]);
  assert.deepEqual(of('nonsense'), [3, undefined]);
});

test('what a reader zoomed by hand gives way when years or measure are chosen', () => {
  const revision = (view) => dressed(spec(), { ...VIEW, ...view })[1].uirevision;
  assert.equal(revision({}), revision({ theme: 'dark' }));
  assert.notEqual(revision({}), revision({ range: ['2016', '2020'] }));
});
