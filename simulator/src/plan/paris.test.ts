import { expect, test } from 'vitest';
import { clock, dayOf, hl7Time, midnight, minuteOf } from './paris.ts';

test('days, clocks and HL7 times are those of Paris, on the days the clocks change too', () => {
  expect((midnight('2026-10-26') - midnight('2026-10-25')) / 3_600_000).toBe(25);
  expect((midnight('2027-03-29') - midnight('2027-03-28')) / 3_600_000).toBe(23);
  expect(hl7Time(Date.parse('2026-11-24T07:05:09Z'))).toBe('20261124080509+0100');
  expect(hl7Time(Date.parse('2026-07-14T07:05:00Z'))).toBe('20260714090500+0200');
  expect(hl7Time(Date.parse('2026-12-31T23:30:00Z'))).toBe('20270101003000+0100');
  expect(dayOf(Date.parse('2026-11-23T23:30:00Z'))).toBe('2026-11-24');
  expect(minuteOf(clock('2026-07-14', 605))).toBe(605);
});
