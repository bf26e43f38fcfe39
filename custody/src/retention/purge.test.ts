import { auditSyslog, counted, sendTcp } from '@vigie/tools/testkit/audit-messages';
import { testClock, type TestClock } from '@vigie/tools/testkit/clock';
import { startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';
import { digestIn, startVigie, vigie } from '@vigie/tools/testkit/vigie';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';

let engine: TestEngine;
let collector: TestCollector;
let clock: TestClock;

const count = async (query: string) => Number((await engine.rows<{ n: number }>(query))[0]?.n);
const events = (month: number) =>
  count(`SELECT count() AS n FROM audit.event WHERE lane = 'audit' AND toYYYYMM(received_at) = ${month}`);
const run = (words: readonly string[]) => vigie({ engine, collector }, words, clock.env);
/** Acts of the moment at which they are received: sums of a day are compared beyond what was purged of it. */
const send = (from: number, to: number, at: string) =>
  sendTcp(
    collector.ports.syslog,
    Array.from({ length: to - from }, (_, i) => counted(auditSyslog(from + i, { at: new Date(at) })))
  );
const spooled = async () =>
  Number(
    /vigie_stage_records_total\{stage="receive",source="syslog-tcp",outcome="sent"\} (\d+)/.exec(
      await (await fetch(`${collector.url}/metrics`)).text()
    )?.[1] ?? 0
  );

/** Two months of messages, and one block on both sides of the month's end: made while the store is away. */
beforeAll(async () => {
  engine = await startTestEngine();
  clock = testClock(engine.dataFolder);
  clock.set('2023-09-30T23:00:00Z');
  collector = await startTestCollector(engine, { env: { ...clock.env } });
  await send(0, 100, '2023-09-30T22:50:00Z');
  await until(
    () => events(202309),
    (n) => n === 100
  );
  await engine.kill9();
  for (let i = 0; i < 4; i++) {
    await send(100 + i, 101 + i, '2023-09-30T22:55:00Z');
    await until(spooled, (n) => n === 101 + i);
    await new Promise((resolve) => setTimeout(resolve, 1300));
  }
  await send(104, 120, '2023-09-30T22:56:00Z');
  await until(spooled, (n) => n === 120);
  clock.set('2023-10-01T00:00:05Z');
  await send(120, 150, '2023-10-01T00:00:01Z');
  await until(spooled, (n) => n === 150);
  await engine.restart();
  await until(
    () => events(202310),
    (n) => n === 30
  );
  clock.set('2023-11-15T00:00:00Z');
  await send(150, 160, '2023-11-14T23:59:00Z');
  await until(
    () => events(202311),
    (n) => n === 10
  );
});
afterAll(async () => {
  await collector?.stop();
  await engine?.stop();
});

test('there is a block on both sides of a month', async () => {
  const straddling = `SELECT count() AS n FROM (SELECT block FROM audit.event WHERE lane = 'audit' GROUP BY block HAVING uniqExact(toYYYYMM(received_at)) > 1)`;
  expect(await count(straddling)).toBe(1);
});

test('while everything is still kept there is nothing to purge', async () => {
  const { code, out } = await run(['retention', 'purge']);
  expect([code, out]).toEqual([0, expect.stringContaining('nothing to purge')]);
});

test('a plan tells what a later day will take, and changes nothing', async () => {
  const { code, out } = await run(['retention', 'plan', '--at', '2024-11-02']);
  expect(code).toBe(0);
  expect(out).toMatch(/raw +kept 12 months: over up to 2023-10/);
  expect(out).toMatch(/raw of lane audit, 2023-09: \d+ rows/);
  expect(out).toMatch(/vault\.raw_block +\d+ rows, 2023-09-30 to 2023-09-30/);
  expect(out).not.toContain('audit.event');
  const later = await run(['retention', 'plan', '--at', '2034-02-01']);
  expect(later.out).toMatch(/rollup, 2023-09: \d+ rows/);
  expect(later.out).toMatch(/audit\.event_hourly/);
  expect(later.out).not.toMatch(/audit\.(block|hold|held)/);
});

test('without the digest of the preview, a reason, or the collector, nothing is touched', async () => {
  clock.set('2026-10-15T00:00:00Z');
  const before = await engine.rows(
    "SELECT table, sum(rows) AS rows FROM system.parts WHERE active AND table != 'event_hourly' GROUP BY table ORDER BY table"
  );
  const preview = await run(['retention', 'purge']);
  expect(preview.out).toMatch(/audit, 2023-09: \d+ rows/);
  expect(preview.out).toMatch(/raw of lane audit, 2023-11/);
  expect(preview.out).not.toMatch(/^audit, 2023-10/m);
  const wrong = await run(['retention', 'purge', '--confirm', '000000000000', '--reason', 'politique']);
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('Nothing was changed')]);
  const silent = await run(['retention', 'purge', '--confirm', digestIn(preview)]);
  expect([silent.code, silent.err]).toEqual([2, expect.stringContaining('--reason')]);
  const alone = await vigie(
    { engine, collector },
    ['retention', 'purge', '--confirm', digestIn(preview), '--reason', 'politique'],
    { ...clock.env, VIGIE_COLLECTOR_PORT: '1' }
  );
  expect([alone.code, alone.err]).toEqual([3, expect.stringContaining('collector does not answer')]);
  const after = await engine.rows(
    "SELECT table, sum(rows) AS rows FROM system.parts WHERE active AND table != 'event_hourly' GROUP BY table ORDER BY table"
  );
  expect(after).toEqual(before);
  expect(await count(`SELECT count() AS n FROM audit.block WHERE kind != 'block'`)).toBe(0);
});

test('killed half-way, the same command completes the purge, and tells nothing twice', async () => {
  const reason = ['--reason', 'politique de conservation'];
  const first = startVigie(
    { engine, collector },
    ['retention', 'purge', '--confirm', digestIn(await run(['retention', 'purge'])), ...reason],
    clock.env
  );
  let progress = '';
  first.stderr.setEncoding('utf8').on('data', (text: string) => {
    progress += text;
    if (progress.includes('is purged')) first.kill('SIGKILL');
  });
  await once(first, 'exit');
  expect(progress).toContain('is purged');
  for (let round = 0; round < 2; round++) {
    const left = await run(['retention', 'purge']);
    if (left.out.includes('nothing to purge')) break;
    const done = await run(['retention', 'purge', '--confirm', digestIn(left), ...reason]);
    expect([done.code, done.err]).toEqual([0, expect.stringContaining("Vigie's own log")]);
  }
  expect([await events(202309), await events(202310), await events(202311)]).toEqual([0, 30, 10]);
  expect(
    await count(`SELECT count() AS n FROM audit.event_by_patient WHERE toYYYYMM(received_at) = 202309`)
  ).toBe(0);
  expect(await count(`SELECT count() AS n FROM vault.raw_block WHERE lane = 'audit'`)).toBe(0);
  const told = await engine.rows<{ header: string }>(`SELECT header FROM audit.block WHERE kind = 'purge'`);
  const places = told.map(
    ({ header }) => JSON.parse(header) as { block: number; to: number; removed: Record<string, unknown> }
  );
  const said = places.flatMap(({ block, to, removed }) =>
    Object.entries(removed).map(([table, what]) => JSON.stringify([block, to, table, what]))
  );
  expect(new Set(said).size).toBe(said.length);
  const verified = await run(['evidence', 'verify', '--level', '1']);
  expect([verified.code, verified.out]).toEqual([0, expect.any(String)]);
});

test('the purge is an event of Vigie itself, with its reason in the message', async () => {
  const own = await until(
    () =>
      engine.rows<{ event_types: string[]; actor_kind: string }>(
        `SELECT event_types, actor_kind FROM audit.event WHERE lane = 'own' AND has(event_types, 'retention-purge')`
      ),
    (rows) => rows.length > 0
  );
  expect(own[0]).toEqual({ event_types: ['110132', 'retention-purge'], actor_kind: 'person' });
});
