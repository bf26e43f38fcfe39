import { expect, test } from 'vitest';
import { platformState, strip } from './platform-state.ts';

const now = new Date('2026-11-24T08:05:00Z');
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);

test('the strip has 96 quarters, the present one last, and gaps stay gaps', () => {
  const quarters = strip(
    [
      { at: ago(5), checks: 3, successes: 3 },
      { at: ago(35), checks: 3, successes: 2 },
      { at: ago(3000), checks: 1, successes: 0 }
    ],
    now
  );
  expect(quarters).toHaveLength(96);
  expect(quarters.slice(-3)).toEqual(['bad', 'none', 'good']);
  expect(quarters.filter((one) => one !== 'none')).toHaveLength(2);
});

test('a failing service is down whatever else is known', () => {
  expect(
    platformState({ quarters: ['good'], failed: 0, failing: true, lastAt: now, silenceMinutes: 30 }, now)
  ).toBe('down');
});

test('one failed check is shown in the strip and is no state, two are', () => {
  const system = { quarters: ['bad' as const], failing: false, lastAt: now, silenceMinutes: 30 };
  expect(platformState({ ...system, failed: 1 }, now)).toBe('works');
  expect(platformState({ ...system, failed: 2 }, now)).toBe('slow');
});

test('silence counts only beyond what is declared', () => {
  const system = { quarters: [], failed: 0, failing: false, lastAt: ago(31) };
  expect(platformState({ ...system, silenceMinutes: 30 }, now)).toBe('silent');
  expect(platformState({ ...system, silenceMinutes: undefined }, now)).toBe('quiet');
  expect(platformState({ ...system, lastAt: undefined, silenceMinutes: 30 }, now)).toBe('unknown');
});
