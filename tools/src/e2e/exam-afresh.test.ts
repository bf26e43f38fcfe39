import { migrate, readMigrations } from '@vigie/store/migrate/migrate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '../testkit/engine.ts';

/** The last migration before an order after a cancellation began an exam afresh. */
const last = 21;
let engine: TestEngine;
let seq = 0;
const told = (accession: string, milestone: string, at: string) => ({
  lane: 'ops', collector: 'c1', seq: ++seq, sub: 0, received_at: at, told_at: at, occurred_at: at, retention: 'ops', source: 'ris',
  site: 'troyes', establishment: 'ch-troyes', milestone, accession
}); // prettier-ignore

beforeAll(async () => {
  engine = await startTestEngine({ migrate: false });
  const migrations = readMigrations();
  await migrate(engine.writer, { migrations: migrations.slice(0, last) });
  await engine.writer.insert({
    table: 'ops.exam_event',
    format: 'JSONEachRow',
    values: [
      told('A', 'ordered', '2026-11-02T08:00:00Z'),
      told('A', 'started', '2026-11-02T09:00:00Z'),
      told('A', 'ended', '2026-11-02T09:20:00Z'),
      told('A', 'cancelled', '2026-11-02T10:00:00Z'),
      told('A', 'ordered', '2026-11-03T08:00:00Z'),
      told('B', 'ordered', '2026-11-02T08:00:00Z'),
      told('B', 'cancelled', '2026-11-02T09:00:00Z'),
      told('C', 'ordered', '2026-11-02T08:00:00Z'),
      told('C', 'ended', '2026-11-02T11:00:00Z')
    ]
  });
  await migrate(engine.writer);
}, 120_000);
afterAll(() => engine?.stop());

test('an exam that was cancelled and ordered again begins afresh after the upgrade, on its new day, once', async () => {
  expect(
    await engine.rows(
      `SELECT accession, toString(day) AS day, outcome, ordered_at, started_at, ended_at, messages FROM ops.exam FINAL ORDER BY accession`
    )
  ).toEqual([
    { accession: 'A', day: '2026-11-03', outcome: 'open', ordered_at: '2026-11-03 08:00:00.000', started_at: null, ended_at: null, messages: 5 },
    { accession: 'B', day: '2026-11-02', outcome: 'cancelled', ordered_at: '2026-11-02 08:00:00.000', started_at: null, ended_at: null, messages: 2 },
    { accession: 'C', day: '2026-11-02', outcome: 'done', ordered_at: '2026-11-02 08:00:00.000', started_at: null, ended_at: '2026-11-02 11:00:00.000', messages: 2 }
  ]); // prettier-ignore
});
