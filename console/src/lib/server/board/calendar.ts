import { DateTime } from 'luxon';
import type { Calendar } from '@vigie/schemas';

/** An opening, in seconds since 1970: `opens` ≤ t < `closes`. */
export type Opening = readonly [opens: number, closes: number];

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/**
 * When a calendar is open within `from` ≤ t < `to`, in the zone's own hours: sorted, disjoint, cut to the window. A time
 * that ends before it starts goes on into the next day; on the night clocks change an opening is as long as it lasts.
 */
export function openings(calendar: Calendar, from: Date, to: Date, zone: string): Opening[] {
  const start = Math.floor(from.getTime() / 1000);
  const end = Math.floor(to.getTime() / 1000);
  const found: [number, number][] = [];
  // One day earlier: an opening may reach past midnight.
  for (
    let day = DateTime.fromJSDate(from, { zone }).startOf('day').minus({ days: 1 });
    day.toSeconds() < end;
    day = day.plus({ days: 1 })
  ) {
    if (isHoliday(day, calendar.holidays)) continue;
    for (const [opens, closes] of calendar.hours[weekdays[day.weekday - 1] ?? 'mon'] ?? []) {
      const first = at(day, opens);
      const last = at(closes <= opens ? day.plus({ days: 1 }) : day, closes);
      if (Math.min(last, end) > Math.max(first, start))
        found.push([Math.max(first, start), Math.min(last, end)]);
    }
  }
  return merge(found);
}

function at(day: DateTime, clock: string): number {
  const [hour = 0, minute = 0] = clock.split(':').map(Number);
  const whole = hour === 24 ? day.plus({ days: 1 }) : day.set({ hour, minute });
  return Math.floor(whole.toSeconds());
}

function merge(found: [number, number][]): Opening[] {
  const merged: [number, number][] = [];
  for (const [opens, closes] of found.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && opens <= last[1]) last[1] = Math.max(last[1], closes);
    else merged.push([opens, closes]);
  }
  return merged;
}

/** Public holidays (code du travail L3133-1; L3134-13 for Alsace and Moselle). */
export function isHoliday(day: DateTime, holidays: Calendar['holidays']): boolean {
  if (holidays === 'none') return false;
  const fixed = day.toFormat('MM-dd');
  if (['01-01', '05-01', '05-08', '07-14', '08-15', '11-01', '11-11', '12-25'].includes(fixed)) return true;
  const sinceEaster = Math.round(
    day.startOf('day').diff(easter(day.year, day.zoneName ?? 'UTC'), 'days').days
  );
  if (sinceEaster === 1 || sinceEaster === 39 || sinceEaster === 50) return true;
  return holidays === 'alsace-moselle' && (fixed === '12-26' || sinceEaster === -2);
}

/** Easter Sunday (Gregorian, Meeus). */
function easter(year: number, zone: string): DateTime {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const h = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const n = h + l - 7 * m + 114;
  return DateTime.fromObject({ year, month: Math.floor(n / 31), day: (n % 31) + 1 }, { zone });
}
