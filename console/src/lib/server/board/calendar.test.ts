import fc from 'fast-check';
import { DateTime } from 'luxon';
import { expect, test } from 'vitest';
import type { Calendar } from '@vigie/schemas';
import { isHoliday, openings } from './calendar.ts';

const zone = 'Europe/Paris';
const always: Calendar = {
  id: 'always',
  name: { fr: 'toujours', en: 'always' },
  hours: Object.fromEntries(
    ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, [['00:00', '24:00']]])
  ),
  holidays: 'none'
};
const office: Calendar = {
  ...always,
  hours: {
    mon: [['07:30', '19:00']],
    tue: [
      ['07:30', '12:00'],
      ['13:00', '19:00']
    ],
    sat: [['20:00', '06:00']]
  },
  holidays: 'france'
};
const paris = (text: string) => DateTime.fromISO(text, { zone }).toJSDate();
const total = (found: readonly (readonly [number, number])[]) =>
  found.reduce((sum, [a, b]) => sum + b - a, 0);
const window = fc
  .tuple(fc.integer({ min: 0, max: 3 * 366 * 24 * 60 }), fc.integer({ min: 1, max: 60 * 24 * 60 }))
  .map(([start, length]) => {
    const from = Date.UTC(2025, 0, 1) + start * 60_000;
    return [new Date(from), new Date(from + length * 60_000)] as const;
  });

test('a calendar that is always open lasts as long as the window, through both clock changes', () => {
  fc.assert(
    fc.property(window, ([from, to]) => {
      expect(total(openings(always, from, to, zone))).toBe((to.getTime() - from.getTime()) / 1000);
    })
  );
});

test('openings are sorted, disjoint, within the window, and add up where a window is cut in two', () => {
  fc.assert(
    fc.property(window, fc.double({ min: 0, max: 1, noNaN: true }), ([from, to], share) => {
      const found = openings(office, from, to, zone);
      let last = from.getTime() / 1000;
      for (const [opens, closes] of found) {
        expect(opens).toBeGreaterThanOrEqual(last);
        expect(closes).toBeGreaterThan(opens);
        last = closes;
      }
      expect(last).toBeLessThanOrEqual(to.getTime() / 1000);
      const cut = new Date(
        from.getTime() + Math.floor((share * (to.getTime() - from.getTime())) / 60_000) * 60_000
      );
      expect(total(openings(office, from, cut, zone)) + total(openings(office, cut, to, zone))).toBe(
        total(found)
      );
    })
  );
});

test('every opening starts and ends at a time of the calendar, on no public holiday', () => {
  fc.assert(
    fc.property(window, ([from, to]) => {
      for (const [opens, closes] of openings(office, from, to, zone)) {
        const start = DateTime.fromSeconds(opens, { zone });
        if (opens > from.getTime() / 1000)
          expect(['07:30', '13:00', '20:00']).toContain(start.toFormat('HH:mm'));
        if (closes < to.getTime() / 1000)
          expect(['12:00', '19:00', '06:00']).toContain(
            DateTime.fromSeconds(closes, { zone }).toFormat('HH:mm')
          );
        if (start.hour >= 7) expect(isHoliday(start.startOf('day'), 'france')).toBe(false);
      }
    })
  );
});

test('March has 743 hours and October 745', () => {
  const hours = (from: string, to: string) => total(openings(always, paris(from), paris(to), zone)) / 3600;
  expect(hours('2026-03-01', '2026-04-01')).toBe(743);
  expect(hours('2026-10-01', '2026-11-01')).toBe(745);
});

test('a night opening over the change to winter time is an hour longer', () => {
  const found = openings(office, paris('2026-10-24T12:00'), paris('2026-10-25T12:00'), zone);
  expect(total(found) / 3600).toBe(11);
});

test.each([
  ['2026-04-06', 'france', true],
  ['2026-05-14', 'france', true],
  ['2026-05-25', 'france', true],
  ['2027-03-29', 'france', true],
  ['2027-05-06', 'france', true],
  ['2027-05-17', 'france', true],
  ['2026-11-11', 'france', true],
  ['2026-04-03', 'france', false],
  ['2026-04-03', 'alsace-moselle', true],
  ['2026-12-26', 'alsace-moselle', true],
  ['2026-12-26', 'france', false],
  ['2026-11-11', 'none', false]
] as const)('%s is a public holiday in %s: %s', (date, holidays, expected) => {
  expect(isHoliday(DateTime.fromISO(date, { zone }), holidays)).toBe(expected);
});
