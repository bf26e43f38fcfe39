import { expect, test } from 'vitest';
import { readVerification, stateOfDay, type ToldVerification } from './told.ts';

const told = (more: Partial<ToldVerification>): ToldVerification => ({
  at: new Date('2026-11-24T10:00:00Z'),
  by: '',
  level: 1,
  blocks: 3,
  records: 30,
  found: 0,
  cancelled: false,
  lanes: undefined,
  from: undefined,
  to: undefined,
  ...more
});
const state = (day: string, verifications: ToldVerification[], blamed?: ReadonlySet<string>) =>
  stateOfDay(day, 'audit', verifications, blamed).state;

test('a day is whole once a verification covered it, and the day it was made only until then', () => {
  expect(stateOfDay('2026-11-23', 'audit', [told({})], undefined)).toEqual({ state: 'whole' });
  expect(stateOfDay('2026-11-24', 'audit', [told({})], undefined)).toEqual({
    state: 'whole',
    until: new Date('2026-11-24T10:00:00Z')
  });
  expect(state('2026-11-25', [told({})])).toBe('unverified');
});

test('a verification tells nothing of days outside its period, of other lanes, or when it was stopped', () => {
  const from = new Date('2026-11-20T23:00:00Z');
  const to = new Date('2026-11-21T23:00:00Z');
  expect(state('2026-11-20', [told({ from, to })])).toBe('unverified');
  expect(state('2026-11-22', [told({ from, to })])).toBe('unverified');
  expect(state('2026-11-23', [told({ lanes: ['own'] })])).toBe('unverified');
  expect(state('2026-11-23', [told({ cancelled: true })])).toBe('unverified');
});

test('what was found blames the days it was found on where they are known, else every day', () => {
  expect(state('2026-11-22', [told({ found: 2 })])).toBe('altered');
  const blamed = new Set(['2026-11-22\0audit']);
  expect(state('2026-11-22', [told({ found: 2 })], blamed)).toBe('altered');
  expect(state('2026-11-23', [told({ found: 2 })], blamed)).toBe('whole');
});

test('what the log holds of a verification is read back', () => {
  const row = { at: new Date(5), by: 'A. Martin', outcome: 8, types: ['evidence-verify', 'level:2', 'blocks:7', 'records:90', 'found:1', 'lanes:audit+own', 'from:1000'] };
  expect(readVerification(row)).toEqual({ at: new Date(5), by: 'A. Martin', level: 2, blocks: 7, records: 90, found: 1, cancelled: false, lanes: ['audit', 'own'], from: new Date(1000), to: undefined });
  expect(readVerification({ ...row, types: ['evidence'] })).toBeUndefined();
}); // prettier-ignore
