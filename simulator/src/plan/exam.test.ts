import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shippedWorld } from '../testkit.ts';
import { arrival } from './attempts.ts';
import { examsOf } from './exam.ts';
import { isOpen } from './opening.ts';
import { addDays, dayOf, minuteOf } from './paris.ts';

const world = shippedWorld();
const someDay = fc.integer({ min: 0, max: 700 }).map((offset) => addDays('2026-01-01', offset));

test('whatever the day, an exam follows its causes and its sizes are real', () => {
  fc.assert(
    fc.property(someDay, (day) => {
      for (const exam of examsOf(world, day)) {
        const { reading, toPacs } = exam;
        const times = [
          exam.orderedAt,
          exam.scheduledAt,
          exam.startedAt,
          exam.endedAt,
          ...toPacs.map(({ at }) => at),
          ...(reading
            ? [reading.availableAt, reading.openedAt, reading.draftedAt ?? reading.openedAt, reading.signedAt]
            : [])
        ];
        times.forEach((at, i) => expect(at).toBeGreaterThanOrEqual(times[i - 1] ?? 0));
        expect(reading?.availableAt).toBe(arrival(toPacs));
        expect(Math.min(exam.images, exam.bytes)).toBeGreaterThan(0);
        expect(dayOf(exam.startedAt)).toBe(day);
      }
    }),
    { numRuns: 40 }
  );
});

test('whatever the day, a room holds one exam at a time', () => {
  fc.assert(
    fc.property(someDay, (day) => {
      for (const exams of Map.groupBy(examsOf(world, day), ({ room }) => room.id).values())
        exams.forEach(({ startedAt }, i) =>
          expect(startedAt).toBeGreaterThanOrEqual(exams[i - 1]?.endedAt ?? 0)
        );
    }),
    { numRuns: 20 }
  );
});

test('planned exams keep to opening hours; outside them only the largest site works, on emergencies', () => {
  fc.assert(
    fc.property(someDay, (day) => {
      for (const { place, startedAt, patientClass } of examsOf(world, day)) {
        if (isOpen(world.opening(place, day), minuteOf(startedAt))) continue;
        expect([place.site.id, patientClass]).toEqual(['troyes', 'E']);
      }
    }),
    { numRuns: 30 }
  );
});

test('a working day has some 300 to 400 exams, a Sunday some thirty', () => {
  const count = (day: string) => examsOf(world, day).length;
  for (const day of ['2026-11-17', '2026-11-18', '2026-11-24']) {
    expect(count(day)).toBeGreaterThan(300);
    expect(count(day)).toBeLessThan(400);
  }
  expect(count('2026-11-22')).toBeGreaterThan(15);
  expect(count('2026-11-22')).toBeLessThan(60);
});

test('the smallest site has about half of its exams read elsewhere, the largest none but by a platform at night', () => {
  const days = Array.from({ length: 10 }, (_, i) => addDays('2026-11-16', i));
  const exams = days.flatMap((day) => examsOf(world, day));
  const elsewhere = (site: string) => {
    const own = exams.filter(({ place }) => place.site.id === site);
    return own.filter(({ reader }) => reader.site !== site).length / own.length;
  };
  const sentOut = exams.filter((exam) => exam.place.site.id === 'troyes' && exam.elsewhere?.refusal === '');
  expect(elsewhere('troyes')).toBe(
    sentOut.length / exams.filter(({ place }) => place.site.id === 'troyes').length
  );
  expect(elsewhere('troyes')).toBeLessThan(0.03);
  expect(elsewhere('hpa')).toBeLessThan(0.15);
  expect(elsewhere('gham')).toBeGreaterThan(0.45);
  expect(elsewhere('gham')).toBeLessThan(0.7);
});

test('appointments are missed, moved and cancelled, identities qualified and reports added to, as often as in real departments', () => {
  const days = Array.from({ length: 20 }, (_, i) => addDays('2026-10-05', i));
  const exams = days.flatMap((day) => examsOf(world, day));
  const share = <T>(of: readonly T[], test: (one: T) => boolean) => of.filter(test).length / of.length;
  const outpatients = exams.filter(({ patientClass }) => patientClass === 'O');
  const between = (value: number, low: number, high: number) =>
    expect(value > low && value < high, String(value)).toBe(true);
  between(
    share(outpatients, ({ cancelled, appointment }) => cancelled && appointment.noShow),
    0.03,
    0.07
  );
  between(
    share(outpatients, ({ cancelled, appointment }) => cancelled && !appointment.noShow),
    0.02,
    0.06
  );
  between(
    share(outpatients, ({ appointment }) => appointment.moved !== undefined),
    0.03,
    0.08
  );
  between(
    share(exams, ({ patient }) => patient.ins !== undefined && patient.reliability === 'VALI'),
    0.7,
    0.85
  );
  between(
    share(exams, ({ reading }) => reading?.addition !== undefined),
    0.02,
    0.05
  );
  between(new Set(exams.map(({ visit }) => visit)).size / exams.length, 0.85, 0.93);
  const asked = exams.filter(({ elsewhere }) => elsewhere !== undefined);
  between(asked.length / days.length, 1, 8);
  for (const { elsewhere, scheduledAt } of asked) {
    expect(elsewhere?.askedAt).toBeGreaterThanOrEqual(scheduledAt);
    expect(elsewhere?.answeredAt).toBeGreaterThan(elsewhere?.askedAt ?? Infinity);
  }
});
