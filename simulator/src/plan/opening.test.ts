import { expect, test } from 'vitest';
import { shippedConfig } from '../testkit.ts';
import { easter, openingOf } from './opening.ts';

const { calendars, sites } = shippedConfig();
const opening = (day: string, site = sites[0]) => (site ? openingOf(site, calendars, day) : []);

test('departments open by their calendar, and stay closed on public holidays, those that move with Easter too', () => {
  expect(opening('2026-11-24')).toEqual([[450, 1140]]);
  expect(opening('2026-11-21')).toEqual([[480, 750]]);
  for (const day of [
    '2026-11-22',
    '2026-11-11',
    '2026-04-06',
    '2026-05-14',
    '2026-05-25',
    '2027-03-29',
    '2027-05-06'
  ])
    expect([day, opening(day)]).toEqual([day, []]);
});

test('Easter falls where the almanac has it', () => {
  expect([2024, 2025, 2026, 2027, 2028, 2038].map(easter)).toEqual(['2024-03-31', '2025-04-20', '2026-04-05', '2027-03-28', '2028-04-16', '2038-04-25']); // prettier-ignore
});

test('Alsace and Moselle have two more holidays; a site without calendar opens on working days', () => {
  const [calendar] = calendars;
  const [site] = sites;
  if (!calendar || !site) throw new Error('the shipped configuration has both');
  expect(openingOf(site, [{ ...calendar, holidays: 'alsace-moselle' }], '2026-04-03')).toEqual([]);
  expect(openingOf(site, [{ ...calendar, holidays: 'none' }], '2026-11-11')).toEqual([[450, 1140]]);
  const { calendar: none, ...without } = site;
  expect(none).toBe('plateau');
  expect(openingOf(without, calendars, '2026-11-24')).toEqual([[450, 1140]]);
  expect(openingOf(without, calendars, '2026-11-21')).toEqual([]);
});
