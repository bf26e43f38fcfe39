/** Clock arithmetic of Europe/Paris without a library: Intl is asked once an hour that occurs, and remembered. */
const parts = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Paris',
  timeZoneName: 'longOffset',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit'
});
const hourMs = 3_600_000;
const minuteMs = 60_000;
const remembered = 20_000;

interface Hour {
  /** Offset of Europe/Paris, ms. */
  readonly offset: number;
  /** 2026-11-24 */
  readonly day: string;
  /** 2026112408, and +0100. */
  readonly hl7: string;
  readonly zone: string;
}
const hours = new Map<number, Hour>();

/** An hour of UTC lies within one hour of Paris: its offset is a whole number of hours. */
function hourOf(at: number): Hour {
  const number = Math.floor(at / hourMs);
  const known = hours.get(number);
  if (known !== undefined) return known;
  const told =
    parts.formatToParts(number * hourMs).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  const match = /GMT([+-])(\d{2}):(\d{2})/.exec(told);
  const sign = match?.[1] === '-' ? -1 : 1;
  const offset = match ? sign * (Number(match[2]) * 60 + Number(match[3])) * minuteMs : 0;
  const local = new Date(number * hourMs + offset).toISOString();
  const hour = {
    offset,
    day: local.slice(0, 10),
    hl7: local.slice(0, 13).replaceAll(/[-T]/g, ''),
    zone: `${match?.[1] ?? '+'}${match?.[2] ?? '00'}${match?.[3] ?? '00'}`
  };
  if (hours.size >= remembered) hours.clear();
  hours.set(number, hour);
  return hour;
}

/** A day as `2026-11-24` of Europe/Paris. */
export const dayOf = (at: number): string => hourOf(at).day;

/** Midnight of a day in Europe/Paris, ms since 1970. */
export function midnight(day: string): number {
  const utc = Date.parse(`${day}T00:00:00Z`);
  return utc - hourOf(utc - hourMs).offset;
}

export const addDays = (day: string, count: number): string =>
  new Date(Date.parse(`${day}T12:00:00Z`) + count * 24 * hourMs).toISOString().slice(0, 10);

/** 0 Sunday … 6 Saturday. */
export const weekday = (day: string): number => new Date(`${day}T12:00:00Z`).getUTCDay();

/** A moment of a day by its clock, in minutes. */
export const clock = (day: string, minutes: number): number => midnight(day) + Math.round(minutes * minuteMs);

/** Minutes since midnight, by the clock. */
export function minuteOf(at: number): number {
  const local = at + hourOf(at).offset;
  return Math.floor(local / minuteMs) % (24 * 60);
}

const two = (value: number) => (value < 10 ? `0${value}` : String(value));

/** HL7 time with offset: 20261124080500+0100. */
export function hl7Time(at: number): string {
  const { hl7, zone } = hourOf(at);
  const seconds = Math.floor((at % hourMs) / 1000);
  return `${hl7}${two(Math.floor(seconds / 60))}${two(seconds % 60)}${zone}`;
}
