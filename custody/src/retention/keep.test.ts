import { once } from 'node:events';
import { auditSyslog, counted, sendTcp } from '@vigie/tools/testkit/audit-messages';
import { testClock } from '@vigie/tools/testkit/clock';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';
import { startVigie, vigie } from '@vigie/tools/testkit/vigie';
import { afterAll, beforeAll, expect, test } from 'vitest';

let engine: TestEngine;
let collector: TestCollector;

beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(async () => {
  await collector?.stop();
  await engine?.stop();
});

const rows = async (table: string) =>
  Number((await engine.rows<{ n: number }>(`SELECT count() AS n FROM ${table} WHERE lane = 'audit'`))[0]?.n);

test('on the schedule of vigie.yaml what is over is purged, its signed record first, and the log stays whole', async () => {
  const clock = testClock(engine.dataFolder);
  clock.set('2023-09-15T10:00:00Z');
  const configText = quietConfig().replace('rollup_months: 120', "rollup_months: 120, purge: '* * * * *'");
  collector = await startTestCollector(engine, { configText, env: { ...clock.env } });
  await sendTcp(
    collector.ports.syslog,
    Array.from({ length: 20 }, (_, n) => counted(auditSyslog(n, { at: new Date('2023-09-15T09:00:00Z') })))
  );
  await until(
    () => rows('audit.event'),
    (n) => n === 20
  );
  clock.set('2026-11-24T10:00:40Z');
  const keeper = startVigie({ engine, collector }, ['retention', 'keep'], clock.env);
  let said = '';
  for (const stream of [keeper.stdout, keeper.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  await until(
    async () => said,
    (text) => text.includes('partitions were purged'),
    120_000
  );
  expect(said).toMatch(/audit, 2023-09: \d+ rows/);
  keeper.kill('SIGTERM');
  await once(keeper, 'exit');
  expect([await rows('audit.event'), await rows('vault.raw_block')]).toEqual([0, 0]);
  const own = await until(
    () => engine.rows(`SELECT 1 FROM audit.event WHERE lane = 'own' AND has(event_types, 'retention-purge')`),
    (found) => found.length > 0
  );
  expect(own).toHaveLength(1);
  const verified = await vigie({ engine, collector }, ['evidence', 'verify'], clock.env);
  expect([verified.code, verified.out]).toEqual([0, expect.stringContaining('Whole')]);
}, 240_000);

test('a purge that went well has not failed because the overview could not be told so', async () => {
  const clock = testClock(engine.dataFolder);
  clock.set('2026-11-24T10:00:50Z');
  await collector.stop();
  const keeper = startVigie({ engine, collector }, ['retention', 'keep'], clock.env);
  let said = '';
  keeper.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  await until(
    async () => said,
    (text) => text.includes('was not told that the purge went well'),
    120_000
  );
  keeper.kill('SIGTERM');
  await once(keeper, 'exit');
  expect(said).toContain('nothing to purge');
  expect(said).not.toContain('Not purged');
}, 240_000);

test('where the schedule is off, it says what to write', async () => {
  collector = await startTestCollector(engine);
  const { code, err } = await vigie({ engine, collector }, ['retention', 'keep']);
  expect([code, err]).toEqual([3, expect.stringContaining('retention.purge')]);
});
