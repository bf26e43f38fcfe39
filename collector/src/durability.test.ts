import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditSyslog, counted, sendTcp } from '@vigie/tools/testkit/audit-messages';
import { laneSums, wholeLane, type LaneSums } from '@vigie/tools/testkit/audit-lane';
import { startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';

let engine: TestEngine;
let collector: TestCollector;

beforeAll(async () => {
  engine = await startTestEngine();
  collector = await startTestCollector(engine);
});
afterAll(async () => {
  await collector?.stop();
  await engine?.stop();
});

const sums = () => laneSums(engine);

/** Every sequence from 1 on is there once, and every rollup says the same. */
function expectWhole(told: LaneSums, events: number): void {
  expect(told).toEqual({ ...wholeLane(events), highest: events });
}

/** A query that outlives an engine being killed. */
const stored = () => sums().catch(() => undefined);

function* frames(from: number, to: number): Generator<Buffer> {
  for (let n = from; n < to; n++) yield counted(auditSyslog(n));
}

let sent = 0;

describe('what was taken in is stored once', { timeout: 240_000 }, () => {
  test('100,000 messages over one TCP connection are 100,000 rows', async () => {
    await sendTcp(collector.ports.syslog, frames(sent, sent + 100_000));
    sent += 100_000;
    expectWhole(await until(sums, ({ events, settled }) => events >= sent && settled >= sent, 180_000), sent);
  });

  for (const round of [1, 2, 3])
    test(`kill -9 of the engine while 50,000 messages come in, round ${round}`, async () => {
      const sending = sendTcp(collector.ports.syslog, frames(sent, sent + 50_000));
      sent += 50_000;
      await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 3000));
      await engine.kill9();
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 1000));
      await engine.restart();
      await sending;
      await until(stored, (told) => told !== undefined && told.settled >= sent, 180_000);
      expectWhole(await sums(), sent);
    });
});

describe('the collector is killed', { timeout: 240_000 }, () => {
  const acked = new Set<string>();
  let taken = 0;

  /** Posts one record at a time and notes the ids it was promised, until told to stop. */
  async function post(signal: AbortSignal): Promise<void> {
    for (let n = 0; !signal.aborted; n++) {
      try {
        const response = await fetch(`${collector.url}/v1/own`, {
          method: 'POST',
          headers: { authorization: `Bearer ${collector.ownKey}`, 'content-type': 'application/xml' },
          body: auditSyslog(1_000_000 + n, { source: 'VIGIE' }).replace(
            /^[^<]*<85>.*? - (?=<AuditMessage)/,
            ''
          ),
          signal: AbortSignal.timeout(5000)
        });
        if (response.ok) acked.add(((await response.json()) as { id: string }).id);
        else await response.body?.cancel();
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  for (const round of [1, 2, 3])
    test(`kill -9 while 50,000 messages come in, round ${round}: all that was spooled or acknowledged is there once`, async () => {
      const stop = new AbortController();
      const posting = post(stop.signal);
      const all = [...frames(sent, sent + 50_000)];
      sent += 50_000;
      const sending = sendTcp(collector.ports.syslog, all).then(
        () => true,
        () => false
      );
      await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 1500));
      await collector.kill9();
      await sending;
      await collector.restart();
      await new Promise((resolve) => setTimeout(resolve, 300));
      stop.abort();
      await posting;
      // Sequences are given anew after what reached the disk, so whatever the kill lost leaves no gap and no double.
      const after = counted(auditSyslog(2_000_000 + round));
      await sendTcp(collector.ports.syslog, [after]);
      const last = await until(
        async () => {
          const [row] = await engine.rows<{ seq: string }>(
            `SELECT seq FROM audit.event WHERE lane = 'audit' AND has(studies, '1.2.250.1.999.20.${2_000_000 + round}')`
          );
          return Number(row?.seq ?? 0);
        },
        (seq) => seq > 0,
        120_000
      );
      expect(last).toBeGreaterThan(taken);
      taken = last;
      expectWhole(await until(sums, ({ settled }) => settled >= last), last);
      const [kept] = await engine.rows<{ kept: string; from: string; to: string }>(
        `SELECT count() AS kept, min(n) AS from, max(n) AS to FROM (
           SELECT toUInt64(splitByChar('.', studies[1])[-1]) AS n FROM audit.event WHERE lane = 'audit'
         ) WHERE n >= ${sent - 50_000} AND n < ${sent}`
      );
      // Of one connection the log holds the beginning, without a hole.
      if (Number(kept?.kept) > 0)
        expect([Number(kept?.from), Number(kept?.to)]).toEqual([
          sent - 50_000,
          sent - 50_001 + Number(kept?.kept)
        ]);
      const own = await engine.rows<{ id: string; times: string }>(
        `SELECT concat(collector, '-', lane, '-', toString(seq)) AS id, count() AS times FROM audit.event WHERE lane = 'own' GROUP BY id`
      );
      const times = new Map(own.map((row) => [row.id, Number(row.times)]));
      expect([...acked].filter((id) => times.get(id) !== 1)).toEqual([]);
      expect(acked.size).toBeGreaterThan(0);
    });
});
