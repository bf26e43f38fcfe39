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

/** Before it there was no image to move by network. */
const firstMove = Date.UTC(1990, 0, 1);
/** Clocks run ahead, and are set to a wrong year: beyond one it is no clock. ms */
const aheadMs = 366 * 86_400_000;

/** Whether something may have happened by the network then: since 1990, and at most a year after it was told. Both in ms since 1970. */
export const isTimely = (at: number, receivedAt: number): boolean =>
  at >= firstMove && at <= receivedAt + aheadMs;

const iso =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(?:([Zz])|([+-])(\d{2}):?(\d{2})?)?$/;
const hl7 = /^(\d{4})(\d{2})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:\.(\d{1,9}))?(?:([+-])(\d{2})(\d{2}))?$/;
const bsd = /^([A-Z][a-z]{2}) ([ \d]\d) (?:(\d{4}) )?(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?$/;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** ISO 8601 as XML Schema, RFC 3339 and .NET write it: up to nine digits of fraction, zone optional. */
export function readIsoTime(text: string): ToldTime | null {
  return readUsual(text) ?? readAnyIso(text);
}

/** `2026-11-24T08:05:00`, up to nine digits of fraction, `Z` or `+01:00`: what nearly all senders write. Null for others. */
function readUsual(text: string): ToldTime | null {
  const length = text.length;
  if (length < 20 || text[4] !== '-' || text[7] !== '-' || text[10] !== 'T') return null;
  if (text[13] !== ':' || text[16] !== ':') return null;
  const year = two(text, 0) * 100 + two(text, 2);
  const month = two(text, 5);
  const day = two(text, 8);
  const hour = two(text, 11);
  const minute = two(text, 14);
  const second = two(text, 17);
  let at = 19;
  let ms = 0;
  if (text[at] === '.') {
    let scale = 100;
    for (at++; at < length && at < 29; at++, scale /= 10) {
      const digit = text.charCodeAt(at) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      if (scale >= 1) ms += digit * scale;
    }
    if (at === 20) return null;
  }
  // A part that is no number is NaN, which no comparison lets pass.
  const sound =
    month >= 1 && month <= 12 && day >= 1 && day <= 28 && hour <= 23 && minute <= 59 && second <= 59;
  if (!sound || !(year >= firstYear && year <= lastYear)) return null;
  const wall = Date.UTC(year, month - 1, day, hour, minute, second, ms);
  if (text[at] === 'Z') return at + 1 === length ? { wall, offset: 0 } : null;
  const sign = text[at] === '+' ? 1 : text[at] === '-' ? -1 : 0;
  if (sign === 0 || at + 6 !== length || text[at + 3] !== ':') return null;
  const minutes = two(text, at + 1) * 60 + two(text, at + 4);
  return Number.isNaN(minutes) ? null : { wall, offset: sign * minutes };
}

/** Two digits as a number; NaN when they are none. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const units = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && units >= 0 && units <= 9 ? tens * 10 + units : Number.NaN;
}

function readAnyIso(text: string): ToldTime | null {
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
