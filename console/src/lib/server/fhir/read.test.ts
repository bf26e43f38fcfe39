import { expect, test } from 'vitest';
import { absenceOf } from './read.ts';

test.each([
  ['of a collector that is not known', 1, undefined, 'unknown'],
  ['below what is stored', 5, 10, 'unknown'],
  ['the newest stored', 10, 10, 'unknown'],
  ['the next one', 11, 10, 'not-yet'],
  ['the first of a lane', 1, 0, 'not-yet'],
  ['as far ahead as a spool may reach', 5_000_010, 10, 'not-yet'],
  ['further', 5_000_011, 10, 'unknown']
] as const)('an id without a row, %s: %i after %s is %s', (_, seq, last, absence) => {
  expect(absenceOf(seq, last)).toBe(absence);
});
