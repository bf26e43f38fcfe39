import { expect, test } from 'vitest';
import { windowOf } from './window.ts';

const zone = 'Europe/Paris';
const at = (text: string) => new Date(text);
const now = at('2026-11-24T08:05:00+01:00');
const iso = (window: ReturnType<typeof windowOf>) =>
  Object.fromEntries(
    Object.entries(window).map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value])
  );

test('a running month compares its finished days with the same weekdays before', () => {
  const period = { from: at('2026-11-01T00:00:00+01:00'), to: at('2026-12-01T00:00:00+01:00') };
  expect(iso(windowOf({ window: 'period', whole_days: true }, period, now, zone))).toEqual({
    from: '2026-10-31T23:00:00.000Z',
    to: '2026-11-30T23:00:00.000Z',
    complete: '2026-11-23T23:00:00.000Z',
    // 35 days earlier, across the change to winter time: still midnight in Paris.
    before_from: '2026-09-26T22:00:00.000Z',
    before_to: '2026-10-19T22:00:00.000Z',
    grain: 'day'
  });
});

test('a finished period is compared whole', () => {
  const period = { from: at('2026-10-01T00:00:00+02:00'), to: at('2026-11-01T00:00:00+01:00') };
  const window = windowOf({ window: 'period', whole_days: true }, period, now, zone);
  expect(window.complete).toEqual(period.to);
});

test('24 hours are whole hours, compared with those of a week ago', () => {
  const period = { from: at('2026-11-23T08:05:00+01:00'), to: now };
  const window = windowOf({ window: 'period', whole_days: false }, period, now, zone);
  expect(window).toMatchObject({
    grain: 'hour',
    complete: at('2026-11-24T08:00:00+01:00'),
    from: at('2026-11-23T08:00:00+01:00'),
    before_from: at('2026-11-16T08:00:00+01:00')
  });
});

test('whole days widen a window to its midnights', () => {
  const period = { from: at('2026-11-23T08:05:00+01:00'), to: now };
  const window = windowOf({ window: 'period', whole_days: true }, period, now, zone);
  expect(window.from).toEqual(at('2026-11-23T00:00:00+01:00'));
  expect(window.to).toEqual(at('2026-11-25T00:00:00+01:00'));
  expect(window.complete).toEqual(at('2026-11-24T00:00:00+01:00'));
});

test('the month is the one the period ends in, and never one that has not begun', () => {
  const past = { from: at('2026-09-03T00:00:00+02:00'), to: at('2026-10-01T00:00:00+02:00') };
  expect(windowOf({ window: 'month', whole_days: false }, past, now, zone)).toMatchObject({
    from: at('2026-09-01T00:00:00+02:00'),
    to: at('2026-10-01T00:00:00+02:00')
  });
  const ahead = { from: at('2026-11-01T00:00:00+01:00'), to: at('2027-01-01T00:00:00+01:00') };
  expect(windowOf({ window: 'months-2', whole_days: false }, ahead, now, zone)).toMatchObject({
    from: at('2026-10-01T00:00:00+02:00'),
    to: at('2026-12-01T00:00:00+01:00')
  });
});

test('a year is compared with the same weekdays 52 weeks earlier, a month with those four weeks earlier, where it fits', () => {
  const week = { from: at('2026-11-16T00:00:00+01:00'), to: at('2026-11-23T00:00:00+01:00') };
  const shape = { window: 'period' as const, whole_days: true };
  const before = (compare: 'previous' | 'month' | 'year', period = week) =>
    windowOf(shape, period, now, zone, compare).before_from;
  expect(before('previous')).toEqual(at('2026-11-09T00:00:00+01:00'));
  expect(before('month')).toEqual(at('2026-10-19T00:00:00+02:00'));
  expect(before('year')).toEqual(at('2025-11-17T00:00:00+01:00'));
  // Longer than four weeks: what is compared never overlaps.
  const long = { from: at('2026-09-01T00:00:00+02:00'), to: at('2026-11-01T00:00:00+01:00') };
  expect(before('month', long)).toEqual(at('2026-06-30T00:00:00+02:00'));
});

test('a dear panel reads the last days of a long period, and the whole of a short one', () => {
  const shape = { window: 'period-31' as const, whole_days: true };
  const year = { from: at('2025-11-24T00:00:00+01:00'), to: now };
  expect(windowOf(shape, year, now, zone).from).toEqual(at('2026-10-25T00:00:00+02:00'));
  const week = { from: at('2026-11-16T00:00:00+01:00'), to: at('2026-11-23T00:00:00+01:00') };
  expect(windowOf(shape, week, now, zone)).toMatchObject(week);
  expect(windowOf({ window: 'year', whole_days: true }, week, now, zone)).toMatchObject({
    from: at('2026-01-01T00:00:00+01:00'),
    to: at('2027-01-01T00:00:00+01:00'),
    complete: at('2026-11-24T00:00:00+01:00')
  });
});
