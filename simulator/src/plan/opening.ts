import type { Calendar, Site } from '@vigie/schemas';
import { addDays, weekday } from './paris.ts';

/** Opening hours of one day, minutes after midnight. */
export type Opening = readonly (readonly [from: number, to: number])[];

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const fixed = new Set('01-01 05-01 05-08 07-14 08-15 11-01 11-11 12-25'.split(' '));
const ofAlsace = new Set(['12-26']);
const office: Opening = [[7 * 60 + 30, 19 * 60]];

/** Easter Sunday (Gauss, as corrected by Lichtenberg): 2026-04-05, 2027-03-28. */
export function easter(year: number): string {
  const k = Math.floor(year / 100);
  const m = 15 + Math.floor((3 * k + 3) / 4) - Math.floor((8 * k + 13) / 25);
  const s = 2 - Math.floor((3 * k + 3) / 4);
  const a = year % 19;
  const d = (19 * a + m) % 30;
  const r = Math.floor((d + Math.floor(a / 11)) / 29);
  const full = 21 + d - r;
  const days = full + 7 - ((full - (7 - ((year + Math.floor(year / 4) + s) % 7))) % 7);
  return addDays(`${year}-03-01`, days - 1);
}

/** Public holidays of France; Alsace and Moselle have two more. */
function isHoliday(day: string, holidays: Calendar['holidays']): boolean {
  if (holidays === 'none') return false;
  if (fixed.has(day.slice(5))) return true;
  const sunday = easter(Number(day.slice(0, 4)));
  if ([1, 39, 50].some((days) => addDays(sunday, days) === day)) return true;
  return holidays === 'alsace-moselle' && (ofAlsace.has(day.slice(5)) || addDays(sunday, -2) === day);
}

/** When a site's department is open on a day, by its calendar; Monday to Friday, 07:30 to 19:00, when it has none. */
export function openingOf(site: Site, calendars: readonly Calendar[], day: string): Opening {
  const calendar = calendars.find((one) => one.id === site.calendar);
  if (isHoliday(day, calendar?.holidays ?? 'france')) return [];
  if (calendar === undefined) return weekday(day) % 6 === 0 ? [] : office;
  const name = weekdays[weekday(day)] ?? 'sun';
  return (calendar.hours[name] ?? []).map(([from, to]) => [minutesOf(from), minutesOf(to)] as const);
}

const minutesOf = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

export const isOpen = (opening: Opening, minute: number): boolean =>
  opening.some(([from, to]) => minute >= from && minute < to);

export const openMinutes = (opening: Opening): number =>
  opening.reduce((sum, [from, to]) => sum + to - from, 0);
