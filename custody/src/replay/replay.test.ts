import { once } from 'node:events';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditSyslog, counted, sendTcp } from '@vigie/tools/testkit/audit-messages';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';
import { digestIn, startVigie, vigie, type VigieAnswer } from '@vigie/tools/testkit/vigie';
import { afterAll, beforeAll, expect, test } from 'vitest';

let engine: TestEngine;
let collector: TestCollector;

const rows = <T>(query: string) => engine.rows<T>(query);
const count = async (query: string) =>
  Number((await rows<{ n: number }>(`SELECT count() AS n FROM ${query}`))[0]?.n);
const run = (...words: string[]) => vigie({ engine, collector }, words);
async function confirmed(...words: string[]): Promise<VigieAnswer> {
  return run(...words, '--confirm', digestIn(await run(...words)), '--reason', 'nouveau système déclaré');
}
const frames = (from: number, to: number, source: string) =>
  Array.from({ length: to - from }, (_, i) =>
    counted(
      auditSyslog(from + i, { source }).replace('pacs.ght-aube.example', `${source.toLowerCase()}.example`)
    )
  );

/** The systems that nobody had declared when their messages came. */
function declare(): void {
  const file = join(engine.dataFolder, 'vigie.yaml');
  const more = [
    `  - { id: newpacs, name: New PACS, kind: pacs, site: gham, audit_source_ids: ['NEWPACS'], hostnames: ['newpacs.example'] }`,
    `  - { id: newvna, name: New VNA, kind: vna, ae_titles: ['NEWVNA'] }`
  ];
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^systems:\n/m, `systems:\n${more.join('\n')}\n`));
}

/** Sums over base rows, and what their rollup says. */
async function rollupsEqualBase(): Promise<void> {
  const base = `SELECT toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, lane, site, source, event_code, count() AS events,
    uniqCombined(12)(actor_id) AS users FROM audit.event GROUP BY hour, lane, site, source, event_code ORDER BY ALL`;
  const rollup = `SELECT hour, lane, site, source, event_code, sum(events) AS events, uniqCombinedMerge(12)(users) AS users FROM audit.event_hourly
    GROUP BY hour, lane, site, source, event_code ORDER BY ALL`;
  expect(await rows(rollup)).toEqual(await rows(base));
  expect(
    await rows('SELECT hour, sum(transfers) AS n FROM ops.transfer_hourly GROUP BY hour ORDER BY hour')
  ).toEqual(
    await rows(
      `SELECT toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, count() AS n FROM ops.transfer GROUP BY hour ORDER BY hour`
    )
  );
  const byDay = (day: string, n: string, from: string) =>
    `SELECT toString(${day}) AS day, calling_ae, to_system, ${n} AS n FROM ${from} GROUP BY ALL ORDER BY ALL`;
  expect(await rows(byDay('t.day', 'sum(t.transfers)', 'ops.transfer_daily AS t'))).toEqual(
    await rows(byDay("toDate(occurred_at, 'Europe/Paris')", 'count()', 'ops.transfer'))
  );
  const days = (from: string, day: string, sum: string) =>
    `SELECT toString(${day}) AS day, lane, source, ${sum} AS events FROM ${from} GROUP BY day, lane, source ORDER BY ALL`;
  expect(await rows(days('audit.event_daily', 'day', 'sum(events)'))).toEqual(
    await rows(days('audit.event', "toDate(occurred_at, 'Europe/Paris')", 'count()'))
  );
  expect(await count('audit.event_by_actor')).toBe(await count(`audit.event WHERE actor_id != ''`));
}
async function verified(): Promise<void> {
  const answer = await run('evidence', 'verify', '--level', '2');
  expect([answer.code, answer.out + answer.err]).toEqual([0, expect.any(String)]);
}

beforeAll(async () => {
  engine = await startTestEngine();
  collector = await startTestCollector(engine, { configText: quietConfig() });
  await sendTcp(collector.ports.syslog, [
    ...frames(0, 20, 'NEWPACS'),
    ...frames(100, 130, 'DEEPUNITY'),
    counted('<13>1 - - - - - - junk')
  ]);
  const transfer = (n: number, called: string) => ({ service: 'C-STORE', calling_ae: 'TRO_CT1', called_ae: called, modality: 'CT', study: `1.2.250.1.999.${n}`, instances: n + 1, failures: 0, bytes: 1000 + n, duration_ms: 4200, status: 'success' }); // prettier-ignore
  for (const [system, called, n] of [
    ['newvna', 'NEWVNA', 1],
    ['newvna', 'NEWVNA', 1],
    ['newvna', 'NEWVNA', 2],
    ['deepunity', 'DEEPUNITY', 3]
  ] as const)
    // prettier-ignore
    await fetch(`${collector.url}/v1/transfers`, {
      method: 'POST',
      headers: { authorization: `Bearer ${collector.simulatorKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        records: [{ observer: system, ...transfer(n, called), occurred_at: '2026-11-24T08:00:00Z' }]
      })
    });
  await until(
    () => count(`audit.event WHERE lane = 'audit'`),
    (n) => n === 50
  );
  await until(
    () => count('ops.transfer'),
    (n) => n === 1
  );
  await until(
    () => count('audit.quarantine'),
    (n) => n === 4
  );
});
afterAll(async () => {
  await collector?.stop();
  await engine?.stop();
});

test('what today’s decoders read alike is nothing to replay', async () => {
  const { code, out } = await run('replay');
  expect([code, out]).toEqual([0, expect.stringContaining('nothing to replay')]);
  expect(out).toMatch(/audit\.event +deepunity +30 same, 0 changed, 0 new, 0 fewer/);
});

test('without the private key it says what is missing', async () => {
  const key = join(engine.dataFolder, 'keys', 'vault.key');
  renameSync(key, `${key}.away`);
  try {
    const answer = await run('replay');
    expect([answer.code, answer.err]).toEqual([3, expect.stringContaining("needs the vault's private key")]);
  } finally {
    renameSync(`${key}.away`, key);
  }
});

test('quarantine is understood once its system is declared: told first, then stored, repeated messages once', async () => {
  declare();
  const words = ['replay', '--lane', 'ops', '--quarantine'];
  const preview = await run(...words);
  expect(preview.out).toMatch(/audit\.quarantine +newvna +0 same, 0 changed, 0 new, 3 understood now/);
  expect(preview.out).toMatch(/ops\.transfer +newvna +0 same, 0 changed, 2 new/);
  expect(await count('ops.transfer')).toBe(1);
  const done = await confirmed(...words);
  expect([done.code, done.out]).toEqual([0, expect.stringContaining('were replayed')]);
  expect([await count('ops.transfer'), await count(`audit.quarantine WHERE lane = 'ops'`)]).toEqual([3, 0]);
  expect(await count(`audit.reception WHERE lane = 'ops'`)).toBe(1);
  expect(await count(`audit.quarantine WHERE lane = 'audit'`)).toBe(1);
  await rollupsEqualBase();
  expect(await count('ops.feed_minute WHERE received != stored + duplicate + quarantined')).toBe(0);
  expect((await run(...words)).out).toContain('nothing to replay');
  await verified();
});

test('one source is replayed, the rows of others stay as they are', async () => {
  const before = await rows(
    `SELECT * FROM audit.event WHERE lane = 'audit' AND source = 'deepunity' ORDER BY seq, sub`
  );
  const words = ['replay', '--source', 'unknown:NEWPACS'];
  const preview = await run(...words);
  expect(preview.out).toMatch(/audit\.event +newpacs +0 same, 20 changed/);
  const done = await confirmed(...words);
  expect([done.code, done.err]).toEqual([0, expect.any(String)]);
  expect(await count(`audit.event WHERE lane = 'audit' AND source = 'newpacs'`)).toBe(20);
  expect(await count(`audit.event WHERE lane = 'audit'`)).toBe(50);
  expect(
    await rows(`SELECT * FROM audit.event WHERE lane = 'audit' AND source = 'deepunity' ORDER BY seq, sub`)
  ).toEqual(before);
  const feed = await rows(
    `SELECT source, sum(received) AS n FROM ops.feed_minute WHERE lane = 'audit' GROUP BY source ORDER BY source`
  );
  expect(feed).toEqual(
    expect.arrayContaining([
      { source: 'deepunity', n: 30 },
      { source: 'newpacs', n: 20 }
    ])
  );
  expect(await count(`ops.feed_minute WHERE source = 'unknown:NEWPACS'`)).toBe(0);
  await rollupsEqualBase();
  await verified();
  const [act] = await rows<{ header: string }>(
    `SELECT header FROM audit.block WHERE kind = 'replay' ORDER BY sealed_at DESC LIMIT 1`
  );
  expect(JSON.parse(act?.header ?? '{}')).toMatchObject({
    reason: 'nouveau système déclaré',
    audit: expect.stringMatching(/^c1-own-\d+$/) as string
  });
});

/** Gives the new system another id, as an operator would in vigie.yaml. */
function rename(id: string): void {
  const file = join(engine.dataFolder, 'vigie.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/id: newpacs(-\w+)?,/, `id: ${id},`));
}

test('cut short between the end of old sums and the new ones, it makes them all again', async () => {
  rename('newpacs-cut');
  const digest = digestIn(await run('replay'));
  await engine.writer.command({
    query: `ALTER TABLE audit.event_hourly DELETE WHERE lane = 'audit' SETTINGS mutations_sync = 2`
  });
  expect((await run('replay', '--confirm', digest, '--reason', 'changement de nom')).code).toBe(0);
  await rollupsEqualBase();
});

test('what is replayed to and fro is summed each time', { timeout: 100_000 }, async () => {
  for (const id of ['newpacs', 'newpacs-again', 'newpacs', 'newpacs-again']) {
    rename(id);
    expect((await confirmed('replay')).code).toBe(0);
    expect(await count(`audit.event WHERE lane = 'audit' AND source = '${id}'`)).toBe(20);
    await rollupsEqualBase();
  }
  await verified();
});

test(
  'killed half-way, the same command completes it: rows, sums and evidence agree',
  { timeout: 400_000 },
  async () => {
    for (let round = 0; round < 2; round++) {
      rename(`newpacs-${round}`);
      const told = await count(`audit.block WHERE kind = 'replay'`);
      const digest = digestIn(await run('replay'));
      const child = startVigie({ engine, collector }, [
        'replay',
        '--confirm',
        digest,
        '--reason',
        'changement de nom'
      ]);
      const exited = once(child, 'exit');
      await until(
        () => count(`audit.block WHERE kind = 'replay'`),
        (n) => n > told,
        20_000
      );
      await new Promise((resolve) => setTimeout(resolve, round * 400));
      child.kill('SIGKILL');
      await exited;
      const left = await run('replay');
      if (!left.out.includes('nothing to replay')) expect((await confirmed('replay')).code).toBe(0);
      expect(await count(`audit.event WHERE lane = 'audit' AND source = 'newpacs-${round}'`)).toBe(20);
      expect(await count(`audit.event WHERE lane = 'audit'`)).toBe(50);
      await rollupsEqualBase();
      await verified();
    }
  }
);

test('rows that are not those that were signed are left alone, so that nothing covers them up', async () => {
  await sendTcp(collector.ports.syslog, frames(900, 901, 'DEEPUNITY'));
  await until(
    () => count(`audit.event WHERE lane = 'audit'`),
    (n) => n === 51
  );
  await engine.writer.command({
    query: `ALTER TABLE audit.event UPDATE outcome = 8 WHERE lane = 'audit' AND has(studies, '1.2.250.1.999.20.900') SETTINGS mutations_sync = 2`
  });
  const { out } = await run('replay', '--lane', 'audit');
  expect(out).toContain('1 blocks are left alone: their rows are not those that were signed');
});
