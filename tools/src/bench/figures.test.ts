import { expect, test } from 'vitest';
import { median, percentile, rounded } from './figures.ts';

test('percentiles are values that were measured, the smallest that covers the share', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect([0, 0.5, 0.95, 1].map((share) => percentile(hundred, share))).toEqual([1, 50, 95, 100]);
  expect(percentile([7, 3], 0.95)).toBe(7);
  expect(median([9, 1, 5])).toBe(5);
  expect(rounded(3.14159)).toBe(3.1);
});
