import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { auditSyslog as made, counted, sendTcp, studyOf } from '@vigie/tools/testkit/audit-messages';
import { createCertificate, type TestCertificate } from '@vigie/tools/testkit/certificates';
import { testClock, type TestClock } from '@vigie/tools/testkit/clock';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { freePort } from '@vigie/tools/testkit/ports';
import { startSyslogReceiver, type SyslogReceiver } from '@vigie/tools/testkit/syslog-receiver';
import { until } from '@vigie/tools/testkit/until';
import { digestIn, vigie, type VigieAnswer } from '@vigie/tools/testkit/vigie';
import { openEnvironment } from '../spool/environment.ts';
import { encodeBatch } from '../spool/record.ts';

const auditSyslog = (n: number) => made(n, { at: new Date('2026-11-24T08:00:00Z') });
let engine: TestEngine;
let collector: TestCollector | undefined;
let clock: TestClock;
let port: number;
let authority: TestCertificate;
let server: TestCertificate;
let target: SyslogReceiver | undefined;

beforeEach(async () => {
  engine = await startTestEngine();
  clock = testClock(engine.dataFolder);
  const keys = join(engine.dataFolder, 'keys');
  authority = createCertificate(keys, 'authority');
  server = createCertificate(keys, 'repository', { issuer: authority });
  port = await freePort();
});
afterEach(async () => {
  await collector?.stop();
  collector = undefined;
  await target?.stop();
  target = undefined;
  await engine.stop();
});

async function start(more = ''): Promise<TestCollector> {
  const client = createCertificate(join(engine.dataFolder, 'keys'), 'vigie-client', { issuer: authority });
  const to = `{ kind: syslog-tls, host: 127.0.0.1, port: ${port}, ca: '${authority.certificate}', certificate: '${client.certificate}', key: '${client.key}' }`;
  const configText = `${quietConfig()}\nforwarding:\n  - { id: region, to: ${to}${more} }\n`;
  collector = await startTestCollector(engine, { configText, env: { ...clock.env } });
  return collector;
}
async function targetComes(): Promise<SyslogReceiver> {
  target = await startSyslogReceiver({ server, authority, port });
  return target;
}
const Status = z.object({
  forwarding: z.array(
    z.object({
      pending: z.number(),
      withdrawn: z.number(),
      expired: z.number(),
      skipped: z.number(),
      sent: z.number(),
      error: z.string().nullable()
    })
  )
});
const status = async () => {
  const { forwarding } = Status.parse(await (await fetch(`${collector?.url}/readyz`)).json());
  const [one] = forwarding;
  if (!one) throw new Error('no target');
  return one;
};
const send = (from: number, to: number) =>
  sendTcp(
    collector!.ports.syslog,
    Array.from({ length: to - from }, (_, i) => counted(auditSyslog(from + i)))
  );
const stored = (count: number) =>
  until(
    async () => (await engine.rows("SELECT seq FROM audit.event WHERE lane = 'audit'")).length,
    (n) => n === count
  );
const run = (...words: string[]) => vigie({ engine, collector: collector! }, words, clock.env);
async function confirmed(...words: string[]): Promise<VigieAnswer> {
  const answer = await run(
    ...words,
    '--confirm',
    digestIn(await run(...words)),
    '--reason',
    'décision 2026-12'
  );
  expect([answer.code, answer.err]).toEqual([0, expect.any(String)]);
  return answer;
}
const taken = (type: string) =>
  until(
    async () =>
      (
        await engine.rows<{ types: string[]; outcome: number }>(
          `SELECT event_types AS types, outcome FROM audit.event WHERE lane = 'own' AND has(event_types, {type:String})`,
          { type }
        )
      ).map(({ types, outcome }) => ({ types, outcome })),
    (acts) => acts.length > 0
  );
const arrived = (one: SyslogReceiver) => new Set(one.messages.map(String));

test('what is erased or unlinked while it waits is sent to nobody, and the rest is', async () => {
  await start();
  await send(0, 30);
  await stored(30);
  const events = await engine.rows<{ id: string; patient: string }>(
    `SELECT concat(collector, '-', lane, '-', toString(seq), '-', toString(sub)) AS id, lower(hex(patients[1])) AS patient
     FROM audit.event WHERE has(studies, {three:String}) OR has(studies, {five:String}) ORDER BY has(studies, {five:String})`,
    { three: studyOf(3), five: studyOf(5) }
  );
  const [three, five] = events;
  const erased = await confirmed('vault', 'redact', three!.id);
  expect(erased.out).toContain('1 messages that waited for other repositories were withdrawn');
  expect(await status()).toMatchObject({ pending: 29, withdrawn: 1 });
  const naming = await engine.rows<{ seq: number }>(
    `SELECT seq FROM audit.event WHERE has(patients, unhex('${five!.patient}'))`
  );
  await confirmed('vault', 'unlink', five!.patient);
  expect(await status()).toMatchObject({ pending: 29 - naming.length, withdrawn: 1 + naming.length });
  const [act] = await taken('forward-withdrawn');
  expect(act?.outcome).toBe(0);
  expect(act?.types).toEqual(
    expect.arrayContaining(['target:region', 'messages:1', expect.stringMatching(/^because:c1-own-\d+$/)])
  );
  // Asked for again, there is nothing left to do.
  expect((await run('vault', 'redact', three!.id)).out).toContain('nothing to erase');
  const back = await targetComes();
  await until(status, ({ pending }) => pending === 0);
  const got = arrived(back);
  expect(got.size).toBe(29 - naming.length);
  expect([got.has(auditSyslog(3)), got.has(auditSyslog(5)), got.has(auditSyslog(4))]).toEqual([
    false,
    false,
    true
  ]);
  expect((await status()).sent).toBe(29 - naming.length);
});

test('without the collector nothing is erased: what waits could not be reached', async () => {
  await start();
  await send(0, 3);
  await stored(3);
  const [event] = await engine.rows<{ id: string }>(
    "SELECT concat(collector, '-', lane, '-', toString(seq)) AS id FROM audit.event WHERE lane = 'audit' LIMIT 1"
  );
  const digest = digestIn(await run('vault', 'redact', event!.id));
  const answer = await vigie(
    { engine, collector: collector! },
    ['vault', 'redact', event!.id, '--confirm', digest, '--reason', 'décision 2026-12'],
    { VIGIE_COLLECTOR_PORT: '1' }
  );
  expect([answer.code, answer.err]).toEqual([3, expect.stringContaining('does not answer')]);
  expect((await run('vault', 'redact', event!.id)).out).toContain('is written again without it');
});

test('only the holder of the own key may withdraw', async () => {
  const { url, simulatorKey, ownKey } = await start();
  const ask = (key: string, body: object) =>
    fetch(`${url}/v1/own/forwarding/withdraw`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body)
    });
  const body = { because: 'c1-own-1', lane: 'audit', seqs: [1] };
  expect((await ask(simulatorKey, body)).status).toBe(401);
  expect((await ask(ownKey, { ...body, seqs: [] })).status).toBe(400);
  expect(await (await ask(ownKey, body)).json()).toEqual({ collector: 'c1', withdrawn: 0, leaving: 0 });
});

test('what waits is sealed on disk, what was plain before is sealed at the start, and another key opens nothing', async () => {
  const folder = join(engine.dataFolder, 'spool');
  const plain = auditSyslog(900);
  const before = openEnvironment(folder);
  const reception = {
    raw: Buffer.from(plain),
    format: 'syslog',
    transport: 'tcp',
    peer: '10.0.0.1',
    source: '',
    receivedAt: Date.now()
  } as const;
  const batch = encodeBatch([reception]);
  await before.forwards.put(['region', 1], { lane: 'audit', seqs: [900], batch });
  await before.state.put('forward:region', {
    next: 2,
    messages: 1,
    bytes: batch.length,
    sent: 0,
    refused: 0,
    unfit: 0,
    gaps: []
  });
  await before.root.close();
  await start();
  await send(0, 20);
  await stored(20);
  await until(status, ({ pending }) => pending === 21);
  await collector!.stop();
  const spool = openEnvironment(folder);
  const values = [...spool.forwards.getRange({})].map(({ value }) =>
    Object.values(value as Record<string, unknown>)
      .filter((one) => one instanceof Uint8Array)
      .map((one) => Buffer.from(one as Uint8Array).toString('latin1'))
      .join('')
  );
  await spool.root.close();
  expect(values.length).toBeGreaterThanOrEqual(2);
  for (const value of values) {
    expect(value.length).toBeGreaterThan(100);
    expect(value).not.toContain('AuditMessage');
  }
  const key = join(engine.dataFolder, 'keys', 'forward.key');
  const right = readFileSync(key, 'utf8');
  writeFileSync(key, `${'ab'.repeat(32)}\n`);
  await start();
  expect(await until(status, ({ error }) => error === 'unreadable')).toMatchObject({ pending: 21, sent: 0 });
  await collector!.stop();
  writeFileSync(key, right);
  const back = await targetComes();
  await start();
  await until(status, ({ pending }) => pending === 0);
  expect(arrived(back)).toEqual(new Set([plain, ...Array.from({ length: 20 }, (_, n) => auditSyslog(n))]));
});

test('a purge by policy takes out what waits of the months that go', async () => {
  clock.set('2023-09-20T10:00:00Z');
  await start(', queue_days: 3650');
  await send(0, 10);
  await stored(10);
  clock.set('2023-10-10T10:00:00Z');
  await send(10, 14);
  await stored(14);
  expect(await status()).toMatchObject({ pending: 14, withdrawn: 0 });
  // The collector still knows of twelve months.
  clock.set('2023-11-05T10:00:00Z');
  const file = join(engine.dataFolder, 'vigie.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('raw_months: 12', 'raw_months: 1'));
  const purged = await confirmed('retention', 'purge');
  expect(purged.out).toContain('10 messages that waited for other repositories were withdrawn');
  expect(await status()).toMatchObject({ pending: 4, withdrawn: 10 });
});

test('nothing waits longer than it may: what is too old is told among the skipped', async () => {
  clock.set('2026-10-01T10:00:00Z');
  await start(', queue_days: 2');
  await send(0, 10);
  await stored(10);
  clock.set('2026-10-02T10:00:00Z');
  await send(10, 14);
  await stored(14);
  expect(await status()).toMatchObject({ pending: 14, expired: 0 });
  clock.set('2026-10-03T10:01:00Z');
  expect(await until(status, ({ expired }) => expired > 0)).toMatchObject({
    pending: 4,
    expired: 10,
    skipped: 10
  });
  const [act] = await taken('forward-expired');
  expect(act).toMatchObject({ outcome: 4 });
  expect(act?.types).toContain('messages:10');
  const back = await targetComes();
  await until(status, ({ pending }) => pending === 0);
  expect(arrived(back).size).toBe(4);
});
