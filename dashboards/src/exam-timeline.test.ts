import { afterAll, beforeAll, expect, test } from 'vitest';
import { BoardBench } from './testkit.ts';

let bench: BoardBench;
beforeAll(async () => {
  bench = await BoardBench.start();
});
afterAll(() => bench.engine.stop());

let seq = 0;
const message = (accession: string, milestone: string, occurred_at: string, more: Record<string, unknown> = {}) => ({
  lane: 'ops', collector: 'c1', seq: ++seq, received_at: '2026-11-20T08:00:00Z', retention: 'ops', source: 'ris',
  site: 'troyes', establishment: 'ch-troyes', accession, milestone, occurred_at, ...more
}); // prettier-ignore
const tell = (...rows: Record<string, unknown>[]) => bench.insert('ops.exam_event', rows);
const examsOf = (accession: string, columns: string) =>
  bench.engine.rows<Record<string, unknown>>(
    `SELECT ${columns} FROM ops.exam FINAL WHERE accession = {accession:String}`,
    { accession }
  );

test('an exam is one row that grows with what is told, in any order and however often', async () => {
  await tell(message('G1', 'signed', '2026-11-11T09:00:00Z', { actor_site: 'hpa', actor_id: 'r1' }));
  expect(await examsOf('G1', 'day, outcome, ended_at, signed_at')).toEqual([
    { day: '2026-11-11', outcome: 'open', ended_at: null, signed_at: '2026-11-11 09:00:00.000' }
  ]);
  await tell(
    message('G1', 'ended', '2026-11-10T23:30:00Z', { room: 'CT1' }),
    message('G1', 'ordered', '2026-11-08T09:00:00Z')
  );
  const [first] = await examsOf('G1', 'day, outcome, room, reader_site, ordered_at, messages');
  await tell(message('G1', 'ordered', '2026-11-08T09:00:00Z'));
  expect(first).toEqual({
    day: '2026-11-11', outcome: 'done', room: 'CT1', reader_site: 'hpa', ordered_at: '2026-11-08 09:00:00.000', messages: 3
  }); // prettier-ignore
  expect(await examsOf('G1', 'day')).toHaveLength(1);
});

test('a correction moves an exam to another day, and leaves nothing behind', async () => {
  await tell(message('M1', 'ended', '2026-11-02T22:59:00Z', { told_at: '2026-11-02T23:00:00Z' }));
  await tell(message('M1', 'ended', '2026-11-02T23:01:00Z', { told_at: '2026-11-02T23:05:00Z' }));
  expect(await examsOf('M1', 'day')).toEqual([{ day: '2026-11-03' }]);
  // What was said first and arrives last corrects nothing.
  await tell(message('M1', 'ended', '2026-11-01T10:00:00Z', { told_at: '2026-11-02T22:00:00Z' }));
  expect(await examsOf('M1', 'day, ended_at')).toEqual([
    { day: '2026-11-03', ended_at: '2026-11-02 23:01:00.000' }
  ]);
});
