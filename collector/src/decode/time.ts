/** A time as told: a wall clock, and its distance from UTC when the sender told it. */
export interface ToldTime {
  /** Milliseconds since 1970 as if the wall clock were UTC. */
  readonly wall: number;
  /** Minutes east of UTC; null when the sender told no zone. */
  readonly offset: number | null;
}

/** Years whose times fit every column, DateTime (32 bits of seconds) among them. */
export const firstYear = 1970;
export const lastYear = 2105;

const iso =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(?:([Zz])|([+-])(\d{2}):?(\d{2})?)?$/;
const hl7 = /^(\d{4})(\d{2})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:\.(\d{1,9}))?(?:([+-])(\d{2})(\d{2}))?$/;
const bsd = /^([A-Z][a-z]{2}) ([ \d]\d) (?:(\d{4}) )?(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?$/;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** ISO 8601 as XML Schema, RFC 3339 and .NET write it: up to nine digits of fraction, zone optional. */
export function readIsoTime(text: string): ToldTime | null {
  const match = iso.exec(text.trim());
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction, utc, sign, hours, minutes] = match;
  const wall = wallClock([year, month, day, hour, minute, second], fraction);
  if (wall === null) return null;
  if (utc !== undefined) return { wall, offset: 0 };
  return { wall, offset: sign === undefined ? null : offset(sign, hours, minutes) };
}

/** HL7 v2 TS/DTM: `YYYYMM[DD[HH[MM[SS[.S…]]]]][±ZZZZ]`. A year alone is no time of an act. */
export function readHl7Time(text: string): ToldTime | null {
  const match = hl7.exec(text.trim());
  if (match === null) return null;
  const [, year, month, day = '01', hour, minute, second, fraction, sign, hours, minutes] = match;
  const wall = wallClock([year, month, day, hour, minute, second], fraction);
  return wall === null ? null : { wall, offset: sign === undefined ? null : offset(sign, hours, minutes) };
}

/** RFC 3164: no zone and mostly no year, which is taken so that the time lies before `receivedAt` plus one day. */
export function readBsdTime(text: string, receivedAt: number): ToldTime | null {
  const match = bsd.exec(text);
  if (match === null) return null;
  const [, name = '', day = '', told, hour, minute, second, fraction] = match;
  const month = String(months.indexOf(name) + 1).padStart(2, '0');
  const at = (year: number) =>
    wallClock([String(year), month, day.replace(' ', '0'), hour, minute, second], fraction);
  const year = told === undefined ? new Date(receivedAt).getUTCFullYear() : Number(told);
  const wall = at(year);
  const previous = told === undefined && wall !== null && wall > receivedAt + 86_400_000;
  const settled = previous ? at(year - 1) : wall;
  return settled === null ? null : { wall: settled, offset: null };
}

function wallClock(parts: readonly (string | undefined)[], fraction = ''): number | null {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map((part) =>
    part === undefined ? 0 : Number(part)
  );
  if (
    year < firstYear ||
    year > lastYear ||
    month < 1 ||
    month > 12 ||
    hour > 23 ||
    minute > 59 ||
    second > 60
  )
    return null;
  if (day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return null;
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3));
  return Date.UTC(year, month - 1, day, hour, minute, second, ms);
}

function offset(sign: string, hours = '0', minutes = '0'): number {
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
