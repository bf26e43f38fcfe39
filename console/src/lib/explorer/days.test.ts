import { expect, test } from 'vitest';
import { byDay, weeksOf, windowOfDay } from './days.ts';

test('a day of Europe/Paris has 25 hours when the clocks go back', () => {
  const day = windowOfDay('2026-10-25');
  expect([day?.from.toISOString(), day?.to.toISOString()]).toEqual(['2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z']); // prettier-ignore
  for (const text of ['2026-13-01', '25/10/2026', '', '2026-10-25T08:00']) expect(windowOfDay(text)).toBeUndefined(); // prettier-ignore
});

test('weeks begin on Monday, and days outside the window are left out', () => {
  const weeks = weeksOf(new Date('2026-11-18T09:00:00Z'), new Date('2026-11-24T09:00:00Z'), new Map([['2026-11-19', 4]])); // prettier-ignore
  expect(weeks.map((week) => week.map((day) => day?.events ?? '.').join(''))).toEqual(['..04000', '00.....']); // prettier-ignore
});

test('lines after midnight in Paris are of the next day', () => {
  const lines = ['2026-11-24T08:00:00Z', '2026-11-23T23:30:00Z', '2026-11-23T22:30:00Z'].map((at) => ({ occurred_at: new Date(at) })); // prettier-ignore
  expect(byDay(lines).map(({ date, lines: all }) => [date, all.length])).toEqual([['2026-11-24', 2], ['2026-11-23', 1]]); // prettier-ignore
});
