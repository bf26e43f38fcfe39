import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { keyRingOf } from '@vigie/evidence/key-ring';
import { verifyEvidence } from '@vigie/evidence/verify/verify';
import { migrate, readMigrations } from '@vigie/store/migrate/migrate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '../testkit/engine.ts';

/*
 * What the version of migration 0009 stored, recorded from it: every table its collector wrote, in two blocks a lane, and the public
 * key they were signed for. Two exams are told by four messages each; no column that came later is in these rows.
 */
const recorded = new URL('../../fixtures/version-0009/', import.meta.url).pathname;
const last = 9;
let engine: TestEngine;

beforeAll(async () => {
  engine = await startTestEngine({ migrate: false });
  const migrations = readMigrations();
  await migrate(engine.writer, { migrations: migrations.slice(0, last) });
  for (const file of readdirSync(recorded).filter((name) => name.endsWith('.native.gz'))) {
    const query = `INSERT INTO ${file.replace('.native.gz', '')} FORMAT Native`;
    const body = gunzipSync(readFileSync(join(recorded, file)));
    const { status, text } = await engine.ask('writer', `?query=${encodeURIComponent(query)}`, {
      method: 'POST',
      body
    });
    expect(status, `${file}: ${text}`).toBe(200);
  }
  const applied = await migrate(engine.writer);
  expect(applied).toHaveLength(migrations.length - last);
}, 120_000);
afterAll(() => engine?.stop());

const findings = async () => {
  const report = await verifyEvidence({
    store: engine.readerAddress,
    ring: keyRingOf([join(recorded, 'evidence.pub')]),
    jobs: 1,
    signal: new AbortController().signal,
    patienceMs: 0,
    derived: true
  });
  return report.findings.map(({ code, table }) => `${code} ${table}`);
};
const change = (query: string) =>
  engine.writer.command({ query, clickhouse_settings: { mutations_sync: '2' } });

test('rows of an earlier version are whole in this one, and all that is derived is made of them too', async () => {
  expect(await findings()).toEqual([]);
});

test('exams are made of the messages that were there before there were exams', async () => {
  const clock = (column: string) => `formatDateTime(${column}, '%H:%i', 'UTC')`;
  expect(
    await engine.rows(
      `SELECT accession, outcome, modality, reader_site, messages, toString(day) AS day, ${clock('ordered_at')} AS ordered,
         ${clock('started_at')} AS started, ${clock('ended_at')} AS ended, ${clock('signed_at')} AS signed
       FROM ops.exam FINAL ORDER BY accession`
    )
  ).toEqual([
    { accession: 'A0', outcome: 'done', modality: 'CT', reader_site: 'hpa', messages: 4, day: '2025-11-24', ordered: '16:00', started: '16:01', ended: '16:02', signed: '16:03' },
    { accession: 'A1', outcome: 'done', modality: 'CT', reader_site: 'hpa', messages: 4, day: '2025-11-24', ordered: '16:06', started: '16:07', ended: '16:08', signed: '16:09' }
  ]); // prettier-ignore
});

test('an alteration of an old row is found after the upgrade, in its columns of then and in those that came later', async () => {
  for (const [to, back] of [
    [`room = 'X'`, `room = ''`],
    [`order_number = 'X'`, `order_number = ''`]
  ]) {
    await change(`ALTER TABLE ops.exam_event UPDATE ${to} WHERE accession = 'A0'`);
    expect(await findings(), to).toContain('row-altered ops.exam_event');
    await change(`ALTER TABLE ops.exam_event UPDATE ${back} WHERE accession = 'A0'`);
  }
  expect(await findings()).toEqual([]);
}, 60_000);
