import { expect, test } from 'vitest';
import { ticks } from './ticks.ts';

const at = (from: string, to: string) =>
  ticks(new Date(from), new Date(to)).map(
    ({ at: time, unit }) => `${unit} ${time.toISOString().slice(0, 16)}`
  );

test('a day is marked every three hours of Paris', () => {
  const found = at('2026-11-23T13:05:00Z', '2026-11-24T13:05:00Z');
  expect(found).toHaveLength(8);
  expect(found[0]).toBe('hour 2026-11-23T14:00');
});

test('a week is marked at midnight of Paris, also where clocks change', () => {
  expect(at('2026-10-22T10:00:00Z', '2026-10-29T10:00:00Z')).toEqual([
    'day 2026-10-22T22:00',
    'day 2026-10-23T22:00',
    'day 2026-10-24T22:00',
    'day 2026-10-25T23:00',
    'day 2026-10-26T23:00',
    'day 2026-10-27T23:00',
    'day 2026-10-28T23:00'
  ]);
});

test('a year is marked by quarters, and an empty window not at all', () => {
  expect(at('2025-11-24T00:00:00Z', '2026-11-24T00:00:00Z')).toHaveLength(4);
  expect(at('2026-11-24T00:10:00Z', '2026-11-24T00:20:00Z')).toEqual([]);
});
