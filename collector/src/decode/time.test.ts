import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readIsoTime } from './time.ts';

const two = (n: number) => String(n).padStart(2, '0');
const parts = fc.record({
  year: fc.integer({ min: 1968, max: 2107 }),
  month: fc.integer({ min: 0, max: 13 }),
  day: fc.integer({ min: 0, max: 32 }),
  hour: fc.integer({ min: 0, max: 24 }),
  minute: fc.integer({ min: 0, max: 60 }),
  second: fc.integer({ min: 0, max: 61 }),
  fraction: fc.stringMatching(/^(?:|[.,]\d{1,10})$/),
  separator: fc.constantFrom('T', ' ', 't'),
  zone: fc.constantFrom('', 'Z', 'z', '+01:00', '-05:30', '+0100', '+01', ' Z', 'x')
});

test('a time is read to the millisecond, with its zone or without, or it is none', () => {
  fc.assert(
    fc.property(parts, (told) => {
      const { year, month, day, hour, minute, second, fraction, separator, zone } = told;
      const date = `${year}-${two(month)}-${two(day)}`;
      const text = `${date}${separator}${two(hour)}:${two(minute)}:${two(second)}${fraction}${zone}`;
      const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
      const real = year >= 1970 && year <= 2105 && month >= 1 && month <= 12 && day >= 1 && day <= days;
      const sound =
        real && hour <= 23 && minute <= 59 && second <= 60 && fraction.length <= 10 && zone !== 'x';
      const ms = Number(fraction.slice(1).padEnd(3, '0').slice(0, 3));
      const sign = zone.startsWith('-') ? -1 : 1;
      const offset =
        zone === ''
          ? null
          : /z/i.test(zone)
            ? 0
            : sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2)) * Number(zone.length > 3));
      const wall = Date.UTC(year, month - 1, day, hour, minute, second, ms);
      expect(readIsoTime(text)).toEqual(sound ? { wall, offset } : null);
    }),
    { numRuns: 20_000 }
  );
});

test('what is no time is none', () => {
  for (const text of [
    '',
    '2026-11-24',
    '2026-11-24Tab:05:00Z',
    '2026-11-24T08:05:00.Z',
    '{currentTimeStamp}',
    '-0001-11-24T08:05:00Z'
  ])
    expect(readIsoTime(text), text).toBeNull();
  expect(readIsoTime('2026-11-24T08:05Z')).toEqual({ wall: Date.UTC(2026, 10, 24, 8, 5), offset: 0 });
});
