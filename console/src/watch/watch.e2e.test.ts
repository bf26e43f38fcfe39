import { join } from 'node:path';
import { startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { startProcess, type TestProcess } from '@vigie/tools/testkit/process';
import { until } from '@vigie/tools/testkit/until';
import { afterAll, beforeAll, expect, test } from 'vitest';

let engine: TestEngine;
let collector: TestCollector;
let watch: TestProcess;

beforeAll(async () => {
  engine = await startTestEngine();
  collector = await startTestCollector(engine);
  await heard(45);
  await spoke(60);
  watch = await startProcess('console/src/watch.ts', {
    env: {
      VIGIE_CONFIG: join(engine.dataFolder, 'vigie.yaml'),
      VIGIE_DATA: engine.dataFolder,
      VIGIE_ENGINE_PORT: String(engine.port),
      VIGIE_COLLECTOR_PORT: String(collector.ports.http),
      VIGIE_WATCH_SECONDS: '1'
    }
  });
});
afterAll(async () => {
  await watch?.stop();
  await collector?.stop();
  await engine?.stop();
});

/** One message of the PACS, so many minutes ago; it may be silent for 30. */
async function heard(minutes: number): Promise<void> {
  const at = new Date(Date.now() - minutes * 60_000).toISOString();
  await engine.writer.insert({
    table: 'ops.feed_minute',
    format: 'JSONEachRow',
    values: [{ minute: at, lane: 'audit', collector: 'test', source: 'deepunity', received: 1, stored: 1, last_at: at }], // prettier-ignore
    clickhouse_settings: { date_time_input_format: 'best_effort' }
  });
}
/** The AI speaks every five minutes for four weeks, until so many minutes ago; no silence is declared for it. */
async function spoke(until: number): Promise<void> {
  const last = Date.now() - until * 60_000;
  await engine.writer.insert({
    table: 'ops.feed_minute',
    format: 'JSONEachRow',
    values: Array.from({ length: 28 * 288 - 20 }, (_, n) => {
      const at = new Date(last - n * 300_000).toISOString();
      return {
        minute: at,
        lane: 'audit',
        collector: 'rhythm',
        source: 'ia',
        received: 1,
        stored: 1,
        last_at: at
      };
    }),
    clickhouse_settings: { date_time_input_format: 'best_effort' }
  });
}
const signals = (subject = 'deepunity') =>
  engine.rows<{ code: string; state: string; subject: string }>(
    'SELECT code, state, subject FROM ops.signal WHERE subject = {subject:String} ORDER BY occurred_at, seq',
    { subject }
  );
const silent = { code: 'source-silent', subject: 'deepunity' };

test('a source that fell silent is told once, and told again when it speaks', async () => {
  await until(
    () => signals(),
    (rows) => rows.length > 0
  );
  await new Promise((resolve) => setTimeout(resolve, 4000));
  expect(await signals()).toEqual([{ ...silent, state: 'opened' }]);
  await heard(0);
  await until(
    () => signals(),
    (rows) => rows.length > 1
  );
  expect(await signals()).toEqual([
    { ...silent, state: 'opened' },
    { ...silent, state: 'closed' }
  ]);
});

test('a silence that is unusual by the source’s own rhythm is told without any limit declared, and ends when it speaks', async () => {
  const unusual = { code: 'source-unusual', subject: 'ia' };
  await until(
    () => signals('ia'),
    (rows) => rows.length > 0
  );
  expect(await signals('ia')).toEqual([{ ...unusual, state: 'opened' }]);
  await spoke(0);
  await until(
    () => signals('ia'),
    (rows) => rows.length > 1
  );
  expect((await signals('ia')).at(-1)).toEqual({ ...unusual, state: 'closed' });
});

test('the watch outlives the store and the collector, and goes on where it was', async () => {
  await collector.kill9();
  await engine.kill9();
  await until(
    () => Promise.resolve(watch.output()),
    (output) => output.includes('could not be looked at')
  );
  await engine.restart();
  await collector.restart();
  await engine.writer.command({ query: "ALTER TABLE ops.feed_minute DELETE WHERE collector = 'test' SETTINGS mutations_sync = 1" }); // prettier-ignore
  await heard(40);
  await until(
    () => signals(),
    (rows) => rows.length > 2
  );
  expect((await signals()).at(-1)).toEqual({ ...silent, state: 'opened' });
  expect(await watch.stop()).toBe(0);
});
