import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { leaveBase, leaveDerived } from './rollups.ts';

let engine: TestEngine;
const told = (seq: number, accession: string, milestone: string, at: string) => ({
  lane: 'ops', collector: 'c1', seq, sub: 0, received_at: at, occurred_at: at, retention: 'ops', source: 'ris', site: 'troyes',
  establishment: 'ch-troyes', milestone, accession
}); // prettier-ignore

beforeAll(async () => {
  engine = await startTestEngine();
  await engine.writer.insert({
    table: 'ops.exam_event',
    format: 'JSONEachRow',
    values: [
      told(1, 'A1', 'ended', '2026-11-02T10:00:00Z'),
      told(2, 'A1', 'signed', '2026-11-02T11:00:00Z'),
      told(3, 'A2', 'ended', '2026-11-02T12:00:00Z'),
      told(4, 'A3', 'ended', '2026-11-02T12:00:00Z')
    ]
  });
});
afterAll(() => engine.stop());

test('exams are made again from the messages that stay, and one of which none stays is gone', async () => {
  const leaving = { collector: 'c1', lane: 'ops', keys: [[2, 0], [3, 0]] as const }; // prettier-ignore
  for (let round = 0; round < 2; round++) {
    await leaveDerived(engine.writer, 'ops.exam_event', leaving);
    expect(
      await engine.rows('SELECT accession, messages, signed_at FROM ops.exam FINAL ORDER BY accession')
    ).toEqual([
      { accession: 'A1', messages: 1, signed_at: null },
      { accession: 'A3', messages: 1, signed_at: null }
    ]);
    expect(
      await engine.rows(
        'SELECT toString(day) AS day, arraySum(arrayMap(one -> length(one), `cell.ended_at`)) AS exams FROM ops.arrival_day FINAL'
      )
    ).toEqual([{ day: '2026-11-02', exams: 2 }]);
  }
  await leaveBase(engine.writer, 'ops.exam_event', leaving);
  await engine.writer.insert({
    table: 'ops.exam_event',
    format: 'JSONEachRow',
    values: [told(2, 'A1', 'signed', '2026-11-02T11:30:00Z')]
  });
  expect(await engine.rows("SELECT signed_at FROM ops.exam FINAL WHERE accession = 'A1'")).toEqual([
    { signed_at: '2026-11-02 11:30:00.000' }
  ]);
});
