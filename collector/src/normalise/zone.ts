import type { ToldTime } from '../decode/time.ts';

const hourMs = 3_600_000;
const cacheLimit = 20_000;
const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/**
 * Milliseconds since 1970 (UTC) of a time as told; without a zone it is read on the clocks of `zone`.
 * In the hour that a clock change repeats the later one is taken; in the hour it skips, the time moves on with the clock.
 */
export function toEpoch({ wall, offset }: ToldTime, zone: string): number {
  if (offset !== null) return wall - offset * 60_000;
  const guess = wall - zoneOffset(wall, zone);
  return wall - zoneOffset(guess, zone);
}

/** Offset of a zone at an instant, in milliseconds. Zones change their clocks on the hour, so hours are cached. */
function zoneOffset(epoch: number, zone: string): number {
  const hour = Math.floor(epoch / hourMs);
  const key = `${zone}|${hour}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  if (offsets.size >= cacheLimit) offsets.clear();
  const offset = measure(hour * hourMs, zone);
  offsets.set(key, offset);
  return offset;
}

function measure(epoch: number, zone: string): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric'
    });
    formats.set(zone, format);
  }
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(epoch)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - epoch;
}

/** @returns whether the runtime knows the zone, such as "Europe/Paris" */
export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
