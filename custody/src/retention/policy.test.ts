import { expect, test } from 'vitest';
import { cutOf, lastMonthOver, monthAfter, partitionOf, startOf } from './policy.ts';

test.each([
  ['2026-11-24T10:00:00Z', 12, 202510],
  ['2026-11-01T00:00:00Z', 12, 202510],
  ['2026-10-31T23:59:59Z', 12, 202509],
  ['2026-01-15T00:00:00Z', 1, 202511],
  ['2026-11-24T10:00:00Z', 36, 202310]
])('at %s, of what is kept for %i months, all of %i and before is over', (now, months, month) => {
  expect(lastMonthOver(Date.parse(now), months)).toBe(month);
  // The youngest row of that month has been kept long enough, the youngest of the next has not.
  const youngest = new Date(startOf(monthAfter(month)) - 1);
  youngest.setUTCMonth(youngest.getUTCMonth() + months, 1);
  expect(youngest.getTime()).toBeLessThan(Date.parse(now));
});

test('partitions are read by lane, category and month; evidence has none', () => {
  const cut = cutOf('(lane, retention, toYYYYMM(received_at))', 'MergeTree');
  expect(cut).toEqual({ by: 'category', time: 'received_at' });
  if (!cut) return;
  expect(partitionOf(cut, "('audit','raw',202611)")).toEqual({
    category: 'raw',
    lane: 'audit',
    month: 202611
  });
  expect(partitionOf(cut, "('audit','evidence',202611)")).toBeUndefined();
  expect(partitionOf({ by: 'month', time: 'hour' }, '202611')).toEqual({
    category: 'rollup',
    lane: '',
    month: 202611
  });
  expect(cutOf('toYYYYMM(hour)', 'AggregatingMergeTree')).toEqual({ by: 'month', time: 'hour' });
  expect(cutOf('toYYYYMM(day)', 'ReplacingMergeTree')).toEqual({ by: 'month', time: 'day' });
  expect(cutOf('(lane, retention, toYYYYMM(day))', 'ReplacingMergeTree')).toEqual({
    by: 'category',
    time: 'day'
  });
  for (const key of ['hold', 'toYYYYMM(at)']) expect(cutOf(key, 'MergeTree')).toBeUndefined();
});
