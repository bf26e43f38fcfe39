import fc from 'fast-check';
import type { Message } from './exams.ts';

/** Around midnight, around the night winter time begins, and anywhere in two months. */
const moment = fc.oneof(
  fc.integer({ min: Date.parse('2026-10-24T20:00:00Z') / 1000, max: Date.parse('2026-10-25T04:00:00Z') / 1000 }),
  fc.integer({ min: Date.parse('2026-11-02T22:50:00Z') / 1000, max: Date.parse('2026-11-02T23:10:00Z') / 1000 }),
  fc.integer({ min: Date.parse('2026-10-01T00:00:00Z') / 1000, max: Date.parse('2026-11-24T07:00:00Z') / 1000 })
).map((seconds) => seconds * 1000); // prettier-ignore

const milestone = fc.constantFrom('ordered', 'scheduled', 'arrived', 'started', 'ended', 'ended', 'available', 'opened', 'drafted', 'signed', 'signed', 'distributed', 'cancelled', 'no-show'); // prettier-ignore

/** Messages of a few exams: late, corrected, repeated, in any order. */
export const messages = (most: number): fc.Arbitrary<Message[]> =>
  fc
    .array(
      fc.record({
        accession: fc.integer({ min: 1, max: 6 }).map((n) => `A${n}`),
        milestone,
        occurred_at: moment,
        told_at: moment,
        step: fc.constantFrom('', '', '1', '2'),
        site: fc.constantFrom('', 'troyes', 'hpa'),
        priority: fc.constantFrom('', 'stat', 'urgent', 'routine'),
        patient_class: fc.constantFrom('', 'emergency', 'inpatient', 'outpatient'),
        report_status: fc.constantFrom('', '', 'final', 'addendum', 'corrected'),
        appointment_at: fc.option(moment, { nil: null })
      }),
      { minLength: 1, maxLength: most }
    )
    .map((told) => told.map((one, index) => ({ ...one, seq: index + 1 })));

const iso = (ms: number) => new Date(ms).toISOString();

/** A message as the collector stores it. */
export const storedRow = ({
  occurred_at,
  told_at,
  appointment_at,
  ...rest
}: Message): Record<string, unknown> => ({
  ...rest,
  lane: 'ops',
  collector: 'c1',
  retention: 'ops',
  source: 'ris',
  establishment: rest.site,
  received_at: iso(told_at),
  occurred_at: iso(occurred_at),
  told_at: iso(told_at),
  appointment_at: appointment_at === null ? null : iso(appointment_at)
});
