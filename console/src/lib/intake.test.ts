import { expect, test } from 'vitest';
import { intakeOf } from './intake.ts';

const now = Date.parse('2026-11-24T08:05:00Z');
const calm = { spool_full: false, parked: {}, failing: {}, spool: { audit: { oldest_ms: 900 } } };
const after = (oldest_ms: number) => ({
  ...calm,
  failing: { audit: 'audit.event: refused' },
  spool: { audit: { oldest_ms } }
});

test('a collector that stores is well, and so is one that only just fails to', () => {
  expect(intakeOf(calm, now)).toEqual({ state: 'well' });
  expect(intakeOf(after(5000), now)).toEqual({ state: 'well' });
});

test('what waits for more than a minute, or is parked, is told with since when', () => {
  expect(intakeOf(after(120_000), now)).toEqual({ state: 'waiting', since: now - 120_000 });
  const parked = { ...calm, parked: { audit: 'audit.event: Code: 60 UNKNOWN_TABLE' } };
  expect(intakeOf(parked, now)).toEqual({ state: 'waiting', since: now - 900 });
});

test('a full spool is told before anything else', () => {
  expect(intakeOf({ ...after(120_000), spool_full: true }, now)).toEqual({ state: 'full' });
});
