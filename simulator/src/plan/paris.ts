/** Clock arithmetic of Europe/Paris without a library: offsets are asked of Intl, once a day. */
const parts = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Paris',
  timeZoneName: 'longOffset',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit'
});
const cache = new Map<number, number>();

/** Offset of Europe/Paris at a moment, ms. */
export function offsetAt(at: number): number {
  const hour = Math.floor(at / 3_600_000);
  let offset = cache.get(hour);
  if (offset === undefined) {
    const told =
      parts.formatToParts(hour * 3_600_000).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
    const match = /GMT([+-])(\d{2}):(\d{2})/.exec(told);
    offset = match ? (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) * 60_000 : 0;
    if (cache.size > 20_000) cache.clear();
    cache.set(hour, offset);
  }
  return offset;
}

/** A day as `2026-11-24` of Europe/Paris. */
export const dayOf = (at: number): string => new Date(at + offsetAt(at)).toISOString().slice(0, 10);

/** Midnight of a day in Europe/Paris, ms since 1970. */
export function midnight(day: string): number {
  const utc = Date.parse(`${day}T00:00:00Z`);
  return utc - offsetAt(utc - 3_600_000);
}

export const addDays = (day: string, count: number): string =>
  new Date(Date.parse(`${day}T12:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);

/** 0 Sunday … 6 Saturday. */
export const weekday = (day: string): number => new Date(`${day}T12:00:00Z`).getUTCDay();

/** A moment of a day by its clock, in minutes. */
export const clock = (day: string, minutes: number): number => midnight(day) + Math.round(minutes * 60_000);

/** HL7 time with offset: 20261124080500+0100. */
export function hl7Time(at: number): string {
  const offset = offsetAt(at);
  const text = new Date(at + offset).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
  const minutes = offset / 60_000;
  return `${text}${minutes < 0 ? '-' : '+'}${String(Math.floor(Math.abs(minutes) / 60)).padStart(2, '0')}${String(Math.abs(minutes) % 60).padStart(2, '0')}`;
}

/** Public holidays of 2026 and 2027 that close the departments; Easter's moveable ones included. */
const holidays = new Set('01-01 05-01 05-08 07-14 08-15 11-01 11-11 12-25'.split(' '));
const moveable = new Set('2026-04-06 2026-05-14 2026-05-25 2027-03-29 2027-05-06 2027-05-17'.split(' '));
export const isRestDay = (day: string): boolean =>
  weekday(day) % 6 === 0 || holidays.has(day.slice(5)) || moveable.has(day);
