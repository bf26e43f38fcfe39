import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examsOf, type Message } from './oracle/exams.ts';
import { messages, storedRow } from './oracle/messages.ts';
import { BoardBench } from './testkit.ts';

let bench: BoardBench;
beforeAll(async () => {
  bench = await BoardBench.start();
});
afterAll(() => bench.engine.stop());

let round = 0;
/** Sequences differ from round to round: a block of the same bytes would be taken for one sent twice. */
const tell = (told: readonly Message[]) =>
  bench.insert(
    'ops.exam_event',
    told.map((one) => storedRow({ ...one, seq: round * 100_000 + one.seq }))
  );
const empty = async () => {
  round += 1;
  for (const table of ['exam_event', 'exam_told', 'exam'])
    await bench.engine.writer.command({ query: `TRUNCATE TABLE ops.${table}` });
};
const milestones = ['ordered', 'appointment', 'arrived', 'started', 'ended', 'available', 'opened', 'drafted', 'signed', 'distributed'] as const; // prettier-ignore
const kept = () =>
  bench.engine.rows<Record<string, unknown>>(
    `SELECT accession, day, outcome, site, priority, patient_class, ${milestones
      .map((one) => `toFloat64(${one}_at) * 1000 AS ${one}`)
      .join(', ')} FROM ops.exam FINAL ORDER BY accession`
  );
const expected = (told: readonly Message[]) =>
  examsOf(told)
    .map(({ at, ...rest }) => ({
      ...rest,
      ...Object.fromEntries(milestones.map((one) => [one, at[one] ?? null]))
    }))
    .toSorted((a, b) => (a.accession < b.accession ? -1 : 1));

test('exams are what their messages say, in whatever order and pieces they come', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(messages(30), { minLength: 60, maxLength: 80 }),
      fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 40, maxLength: 40 }),
      async (groups, parts) => {
        await empty();
        const told = groups.flatMap((group, g) =>
          group.map((one) => ({ ...one, accession: `${g}-${one.accession}`, seq: g * 100 + one.seq }))
        );
        const piece = (one: Message) => parts[one.seq % parts.length] ?? 0;
        for (const part of Map.groupBy(told, piece).values()) await tell(part);
        expect(await kept()).toEqual(expected(told));
      }
    ),
    { numRuns: 3, endOnFailure: true }
  );
});
