import { createConnection } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditSyslog, counted, sendTcp } from '@vigie/tools/testkit/audit-messages';
import { startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';

let engine: TestEngine;
let collector: TestCollector;

beforeAll(async () => {
  engine = await startTestEngine();
  collector = await startTestCollector(engine, { env: { VIGIE_SPOOL_MAX_BYTES: '2000000' } });
});
afterAll(async () => {
  await collector?.stop();
  await engine?.stop();
});

const number = async (query: string) =>
  Number(Object.values((await engine.rows<Record<string, string>>(query))[0] ?? {})[0]);
const settled = () =>
  number(`SELECT sum(stored + duplicate + quarantined) FROM ops.feed_minute WHERE lane = 'audit'`).catch(
    () => -1
  );
let expected = 0;
async function send(frames: readonly Buffer[]): Promise<void> {
  expected += frames.length;
  await sendTcp(collector.ports.syslog, frames);
}
const arrived = () => until(settled, (count) => count >= expected, 60_000);
const readiness = async () => {
  const response = await fetch(`${collector.url}/readyz`);
  return { status: response.status, body: (await response.json()) as { parked: Record<string, string> } };
};

test('rows that ClickHouse refuses go to quarantine one by one, the others are stored once', async () => {
  await engine.writer.command({
    query: `ALTER TABLE audit.event ADD CONSTRAINT no_poison CHECK audit_source != 'POISON'`
  });
  const poisoned = new Set([3, 200, 201, 499]);
  await send(
    Array.from({ length: 500 }, (_, n) =>
      counted(auditSyslog(n, { source: poisoned.has(n) ? 'POISON' : 'VNA' }))
    )
  );
  await arrived();
  const rows = await engine.rows(
    `SELECT reason, count() AS n FROM audit.quarantine WHERE lane = 'audit' GROUP BY reason`
  );
  expect(rows).toEqual([{ reason: 'row-refused', n: 4 }]);
  for (const count of ['count()', 'uniqExact(seq)'])
    expect(await number(`SELECT ${count} FROM audit.event WHERE lane = 'audit'`)).toBe(496);
  expect(await number(`SELECT sum(events) FROM audit.event_hourly WHERE lane = 'audit'`)).toBe(496);
  expect(
    await engine.rows(
      `SELECT sum(received) AS r, sum(stored) AS s, sum(quarantined) AS q FROM ops.feed_minute WHERE lane = 'audit'`
    )
  ).toEqual([{ r: 500, s: 496, q: 4 }]);
  const nameless = `SELECT uniqExact(one) FROM audit.event ARRAY JOIN patients AS one WHERE one NOT IN (SELECT pseudonym FROM vault.identity)`;
  expect(await number(nameless)).toBe(0);
  await engine.writer.command({ query: `ALTER TABLE audit.event DROP CONSTRAINT no_poison` });
});

test('of a wrapper the good events become rows, the bad one goes to quarantine under its place', async () => {
  const event = (n: number) => auditSyslog(n, { source: 'VNA' }).replace(/^.*?(?=<AuditMessage)/, '');
  const bad = event(902).replace(/ EventOutcomeIndicator="\d+"/, '');
  const wrapper = `<AuditMessages>${event(901)}${bad}${event(903)}</AuditMessages>`;
  await send([counted(wrapper), counted(wrapper)]);
  await arrived();
  const [first] = await engine.rows<{ seq: string }>(
    `SELECT seq, reason, sub FROM audit.quarantine WHERE lane = 'audit' AND reason = 'missing-field'`
  );
  expect(first).toMatchObject({ sub: 1 });
  expect(await engine.rows(`SELECT sub FROM audit.event WHERE seq = ${first?.seq} ORDER BY sub`)).toEqual([
    { sub: 0 },
    { sub: 2 }
  ]);
  expect(await number(`SELECT count() FROM audit.reception WHERE original_seq = ${first?.seq}`)).toBe(1);
  expect(await number(`SELECT sum(quarantined) FROM ops.feed_minute WHERE lane = 'audit'`)).toBe(5);
});

test('a table that refuses everything parks the lane, says so, and catches up once mended', async () => {
  await engine.writer.command({ query: `RENAME TABLE audit.event TO audit.event_away` });
  await send(Array.from({ length: 20 }, (_, n) => counted(auditSyslog(1000 + n))));
  const parked = await until(readiness, ({ status }) => status === 503, 30_000);
  expect(Object.keys(parked.body.parked)).toContain('audit');
  await engine.writer.command({ query: `RENAME TABLE audit.event_away TO audit.event` });
  await arrived();
  expect(await number(`SELECT count() FROM audit.event WHERE lane = 'audit'`)).toBe(518);
  expect((await until(readiness, ({ status }) => status === 200, 30_000)).status).toBe(200);
});

test('while the store is away a full spool pushes back, and afterwards all is stored once', async () => {
  const before = await number(`SELECT count() FROM audit.event WHERE lane = 'audit'`);
  await engine.kill9();
  const frames = Array.from({ length: 10_000 }, (_, n) => counted(auditSyslog(10_000 + n)));
  const sending = send(frames);
  await until(readiness, ({ status }) => status === 503, 30_000);
  const refused = await fetch(`${collector.url}/v1/own`, {
    method: 'POST',
    headers: { authorization: `Bearer ${collector.ownKey}`, 'content-type': 'application/xml' },
    body: '<AuditMessage/>'
  });
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).not.toBeNull();
  await engine.restart();
  await sending;
  await arrived();
  expect((await number(`SELECT count() FROM audit.event WHERE lane = 'audit'`)) - before).toBe(10_000);
  expect(await number(`SELECT count() - uniqExact(seq, sub) FROM audit.event WHERE lane = 'audit'`)).toBe(0);
});

describe('what should not have been sent', () => {
  const since = (n: number) =>
    engine.rows<{ reason: string; bytes: string }>(
      `SELECT reason, bytes FROM audit.quarantine WHERE lane = 'audit' AND seq > ${n} ORDER BY seq`
    );
  const highest = () =>
    number(
      `SELECT greatest((SELECT max(seq) FROM audit.event WHERE lane = 'audit'), (SELECT max(seq) FROM audit.quarantine WHERE lane = 'audit'))`
    );
  const whole = auditSyslog(50_000);
  const cases: Record<string, { frames: Buffer[]; reasons: string[] }> = {
    'a message beyond the cap': {
      frames: [counted(`<85>1 - - - - - - ${'x'.repeat(17_000_000)}`)],
      reasons: ['oversize']
    },
    'binary bytes': {
      frames: [counted('<85>1 - - - - - - ' + '\u0001\u0002<'.repeat(50))],
      reasons: ['no-xml']
    },
    'a message cut in its head': { frames: [counted(whole.slice(0, 150))], reasons: ['not-well-formed'] },
    'an entity bomb': {
      frames: [counted(`<85>1 - - - - - - <!DOCTYPE a [<!ENTITY b "b">]><AuditMessage>&b;</AuditMessage>`)],
      reasons: ['doctype-refused']
    },
    'a plain syslog line': {
      frames: [Buffer.from('<13>Nov 24 10:00:00 host app: bonjour\n')],
      reasons: ['no-xml']
    }
  };
  for (const [name, { frames, reasons }] of Object.entries(cases))
    test(`${name}: kept with its reason, and the connection goes on`, async () => {
      const from = await highest();
      await send([...frames, counted(auditSyslog(60_000 + Math.floor(Math.random() * 1e6)))]);
      await arrived();
      expect((await since(from)).map(({ reason }) => reason)).toEqual(reasons);
    });

  test('a connection that dies in the middle of a message', async () => {
    const from = await highest();
    const socket = createConnection(collector.ports.syslog, '127.0.0.1');
    expected++;
    socket.end(counted(whole).subarray(0, 150));
    await arrived();
    expect((await since(from)).length).toBe(1);
  });

  test('of a message cut further on, what was whole is kept and marked', async () => {
    const from = await highest();
    await send([counted(whole.slice(0, 700))]);
    await arrived();
    expect(await since(from)).toEqual([]);
    const marked = `SELECT count() FROM audit.event WHERE lane = 'audit' AND has(repairs, 'truncated')`;
    expect(await number(marked)).toBe(1);
  });

  test('the collector is the same process as at the start, in bounded memory', () => {
    expect(collector.process.child.exitCode).toBeNull();
  });
});
