import { readFileSync } from 'node:fs';
import { parseConfig } from '@vigie/schemas';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { syslogMessage } from '../write/syslog.ts';
import { planDay } from './day.ts';
import type { Happening } from './event.ts';
import { examsOf } from './exam.ts';
import { outagesOf, stateAt } from './outages.ts';
import { addDays, clock, dayOf, hl7Time, isRestDay, midnight } from './paris.ts';
import { World } from './world.ts';

const config = parseConfig(
  readFileSync(new URL('../../../vigie.yaml', import.meta.url), 'utf8'),
  'vigie.yaml'
);
const world = new World(config, 7);
const someDay = fc.integer({ min: 0, max: 400 }).map((offset) => addDays('2026-01-01', offset));

const bytes = (list: readonly Happening[]) =>
  list
    .map((one) =>
      one.kind === 'audit'
        ? syslogMessage(one.system, one.message)
        : one.kind === 'hl7'
          ? one.text
          : JSON.stringify(one.record)
    )
    .join('\n');

test('the same seed and day give the same bytes, another seed gives others', () => {
  const options = { probes: true };
  const once = bytes(planDay(new World(config, 7), '2026-11-10', '2026-11-24', options));
  expect(bytes(planDay(new World(config, 7), '2026-11-10', '2026-11-24', options))).toBe(once);
  expect(bytes(planDay(new World(config, 8), '2026-11-10', '2026-11-24', options))).not.toBe(once);
});

test('whatever the day, an exam follows its causes and its sizes are real', () => {
  fc.assert(
    fc.property(someDay, (day) => {
      for (const exam of examsOf(world, day)) {
        const times = [
          exam.orderedAt,
          exam.scheduledAt,
          exam.startedAt,
          exam.endedAt,
          exam.availableAt,
          exam.openedAt,
          exam.signedAt
        ];
        expect(times.every((at, i) => i === 0 || at >= (times[i - 1] ?? 0))).toBe(true);
        expect(Math.min(exam.images, exam.bytes)).toBeGreaterThan(0);
      }
    }),
    { numRuns: 30 }
  );
});

test('what is planned for a day happens on it, in order', () => {
  fc.assert(
    fc.property(someDay, (day) => {
      const list = planDay(world, day, '2026-11-24', { probes: false });
      const inside = list.every(
        ({ at }, i) => at >= midnight(day) && at < midnight(addDays(day, 1)) && at >= (list[i - 1]?.at ?? 0)
      );
      expect(inside).toBe(true);
    }),
    { numRuns: 8 }
  );
});

test('a site sends nothing before it is live', () => {
  expect(examsOf(world, '2026-11-01').filter(({ site }) => site === 'gham')).toEqual([]);
  expect(examsOf(world, '2026-11-03').some(({ site }) => site === 'gham')).toBe(true);
});

test('planned exams keep to opening hours; at rest only emergencies come', () => {
  for (const exam of examsOf(world, '2026-11-24').filter(({ patientClass }) => patientClass === 'O')) {
    const minutes = (exam.startedAt - midnight('2026-11-24')) / 60_000;
    expect(minutes).toBeGreaterThanOrEqual(7 * 60 + 30);
    expect(minutes).toBeLessThanOrEqual(19 * 60);
  }
  expect(new Set(examsOf(world, '2026-11-22').map(({ patientClass }) => patientClass))).toEqual(
    new Set(['E'])
  );
});

test('two days together hold every event once', () => {
  const ids = ['2026-11-09', '2026-11-10', '2026-11-11'].flatMap((day) =>
    planDay(world, day, '2026-11-24', { probes: true }).map((one) => bytes([one]))
  );
  expect(new Set(ids).size).toBe(ids.length);
});

test('days, clocks and HL7 times are those of Paris, on the days the clocks change too', () => {
  expect((midnight('2026-10-26') - midnight('2026-10-25')) / 3_600_000).toBe(25);
  expect((midnight('2027-03-29') - midnight('2027-03-28')) / 3_600_000).toBe(23);
  expect(hl7Time(Date.parse('2026-11-24T07:05:00Z'))).toBe('20261124080500+0100');
  expect(hl7Time(Date.parse('2026-07-14T07:05:00Z'))).toBe('20260714090500+0200');
  expect(dayOf(Date.parse('2026-11-23T23:30:00Z'))).toBe('2026-11-24');
  expect([isRestDay('2026-11-11'), isRestDay('2026-11-24'), isRestDay('2026-11-22')]).toEqual([
    true,
    false,
    true
  ]);
});

test('the PACS has its long night in even months, and the portal falls short in odd ones', () => {
  expect(outagesOf(7, '2026-10-13')).toContainEqual({
    system: 'deepunity',
    from: clock('2026-10-13', 180),
    to: clock('2026-10-13', 310),
    kind: 'down'
  });
  expect(stateAt(7, 'deepunity', clock('2026-10-13', 200))).toBe('down');
  const portal = ['03', '09', '17']
    .flatMap((day) => outagesOf(7, `2026-11-${day}`))
    .filter(({ system, kind }) => system === 'emage' && kind === 'down');
  expect(portal.reduce((sum, one) => sum + one.to - one.from, 0)).toBeGreaterThan(0.005 * 30 * 86_400_000);
});
