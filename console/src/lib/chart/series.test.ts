import { expect, test } from 'vitest';
import type { Names, ShownColumn, ShownPanel, ShownRow } from '#lib/board/shown.ts';
import { level } from './levels.ts';
import { pivot } from './pivot.ts';
import { layOut } from './series.ts';

const names: Names = {
  language: 'fr',
  sites: {
    troyes: { name: 'Troyes', colour: 0 },
    hpa: { name: 'HPA', colour: 1 },
    '': { name: 'Site inconnu', colour: -1 }
  },
  systems: {},
  objectives: {}
};
const column = (name: string, type: ShownColumn['type']): ShownColumn => ({
  name,
  type,
  label: name,
  hidden: false,
  export: name
});
const panel = (
  x: ShownColumn['type'],
  window: Partial<ShownPanel['window']>,
  rows: readonly ShownRow[]
): ShownPanel => ({
  id: 'p',
  title: 'p',
  kind: 'stacked',
  width: 'full',
  shared: false,
  x: 'at',
  series: 'site',
  value: 'exams',
  figures: [],
  columns: [column('at', x), column('site', 'site'), column('exams', 'count')],
  definition: '',
  empty: '',
  window: {
    from: '',
    to: '',
    complete: '',
    grain: 'day',
    chosen: true,
    before: { from: '', to: '' },
    ...window
  },
  rows,
  withheld: {}
});

test('a day without rows stays on the axis as a gap, and today is unfinished', () => {
  const days = panel(
    'day',
    { from: '2026-11-20T23:00:00Z', to: '2026-11-24T23:00:00Z', complete: '2026-11-23T23:00:00Z' },
    [
      { at: '2026-11-21', site: 'hpa', exams: 3 },
      { at: '2026-11-24', site: 'troyes', exams: 5 }
    ]
  );
  const layout = layOut(days, names, '2026-11-24T08:00:00Z');
  expect(layout.buckets).toEqual(['2026-11-21', '2026-11-22', '2026-11-23', '2026-11-24']);
  expect(layout.unfinished).toEqual([false, false, false, true]);
  // Sites come in the order of vigie.yaml, each with its own colour.
  expect(layout.series.map(({ name, colour, values }) => [name, colour, values])).toEqual([
    ['Troyes', 0, [null, null, null, 5]],
    ['HPA', 1, [3, null, null, null]]
  ]);
});

test('the day the clocks go back has twenty-five hours', () => {
  const hours = panel(
    'bucket',
    {
      from: '2026-10-24T22:00:00Z',
      to: '2026-10-25T23:00:00Z',
      complete: '2026-10-25T23:00:00Z',
      grain: 'hour'
    },
    [
      { at: '2026-10-25T00:00:00Z', site: 'hpa', exams: 1 },
      { at: '2026-10-25T01:00:00Z', site: 'hpa', exams: 2 }
    ]
  );
  const { buckets, series } = layOut(hours, names, '2026-11-01T00:00:00Z');
  expect(buckets).toHaveLength(25);
  expect(series[0]?.values.slice(0, 5)).toEqual([null, null, 1, 2, null]);
});

test('a first day cut by the window is unfinished too', () => {
  const week = panel(
    'bucket',
    { from: '2026-11-17T12:41:00Z', to: '2026-11-19T12:41:00Z', complete: '2026-11-19T12:00:00Z' },
    [{ at: '2026-11-17T23:00:00Z', site: 'hpa', exams: 1 }]
  );
  expect(layOut(week, names, '2026-11-19T12:41:00Z').unfinished).toEqual([true, false, true]);
});

test('a window ahead of now ends now, and months before the first are left out', () => {
  const months = panel(
    'month',
    { from: '2025-10-31T23:00:00Z', to: '2026-11-30T23:00:00Z', complete: '2026-10-31T23:00:00Z' },
    [{ at: '2026-09-01', site: 'hpa', exams: 1 }]
  );
  const { buckets, unfinished } = layOut(months, names, '2026-11-24T08:00:00Z');
  expect(buckets).toEqual(['2026-09-01', '2026-10-01', '2026-11-01']);
  expect(unfinished).toEqual([false, false, true]);
});

test('the table of a chart holds the same values, the latest first', () => {
  const days = panel(
    'day',
    { from: '2026-11-20T23:00:00Z', to: '2026-11-22T23:00:00Z', complete: '2026-11-22T23:00:00Z' },
    [{ at: '2026-11-21', site: 'hpa', exams: 3 }]
  );
  const { columns, rows } = pivot(days, names, '2026-11-24T08:00:00Z');
  expect(columns.map((one) => one.label)).toEqual(['at', 'HPA']);
  expect(rows).toEqual([
    { at: '2026-11-22', series_hpa: null },
    { at: '2026-11-21', series_hpa: 3 }
  ]);
});

test('only nothing is unshaded', () => {
  expect([null, 0, 1, 50, 100].map((value) => level(value, 100))).toEqual([0, 0, 1, 3, 5]);
});
