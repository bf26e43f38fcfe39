import { afterAll, beforeAll, expect, test } from 'vitest';
import fc from 'fast-check';
import { BoardBench } from './testkit.ts';

let bench: BoardBench;
beforeAll(async () => {
  bench = await BoardBench.start();
});
afterAll(() => bench.engine.stop());

/** The weeks in which Paris goes to summer time and back, 2026. */
const weeks = ['2026-03-26T00:00:00Z', '2026-10-22T00:00:00Z'].map((day) => Date.parse(day));
const hour = 3_600_000;
/** Moments of those weeks, midnights of Paris and the milliseconds beside them among them. */
const moment = fc.oneof(
  fc.tuple(fc.constantFrom(...weeks), fc.integer({ min: 0, max: 7 * 24 * hour - 1 })).map(([week, ms]) => week + ms),
  fc
    .tuple(fc.constantFrom(...weeks), fc.integer({ min: 0, max: 6 }), fc.constantFrom(22, 23), fc.constantFrom(-1, 0, 1))
    .map(([week, day, clock, ms]) => week + (day * 24 + clock) * hour + ms)
); // prettier-ignore

const transfer = fc.record({
  occurred_at: moment.map((ms) => new Date(ms).toISOString()),
  observer: fc.constantFrom('deepunity', 'capteur'),
  authoritative: fc.constantFrom(0, 1),
  site: fc.constantFrom('troyes', ''),
  establishment: fc.constantFrom('ch-troyes', ''),
  service: fc.constantFrom('C-STORE', 'C-ECHO', 'WADO'),
  calling_ae: fc.constantFrom('TRO_CT1', 'GHOST'),
  called_ae: fc.constantFrom('DEEPUNITY', '/studies'),
  from_system: fc.constantFrom('troyes-ct-1', ''),
  peer: fc.constantFrom('10.10.7.1', '192.168.57.9', ''),
  status: fc.constantFrom('success', 'failure', 'rejected'),
  reason: fc.constantFrom('', 'timeout'),
  bytes: fc.option(fc.integer({ min: 0, max: 1e12 })),
  instances: fc.option(fc.integer({ min: 0, max: 1000 })),
  duration_ms: fc.option(fc.integer({ min: 0, max: 100_000 }))
});

const window = fc
  .tuple(fc.constantFrom(...weeks), fc.integer({ min: -30, max: 7 * 24 }), fc.integer({ min: 1, max: 9 * 24 }))
  .map(([week, from, hours]) => ({ from: new Date(week + from * hour), to: new Date(week + (from + hours) * hour) })); // prettier-ignore

const keys =
  'authoritative, site, establishment, observer, service, calling_ae, called_ae, from_system, status, reason';
const bucket =
  "if({grain:String} = 'hour', toStartOfHour(toDateTime(occurred_at, 'UTC')), toDateTime(toStartOfDay(toDateTime(occurred_at, 'Europe/Paris')), 'UTC'))";
const ofRows = `SELECT ${bucket} AS at, ${keys}, count() AS n, sum(t.bytes) AS b, sum(toUInt64(t.instances)) AS i, sum(toUInt64(t.duration_ms)) AS d, max(occurred_at) AS last
  FROM ops.transfer AS t WHERE occurred_at >= {from:DateTime64(3)} AND occurred_at < {to:DateTime64(3)} GROUP BY at, ${keys} ORDER BY at, ${keys}`;
const ofSums = `SELECT at, ${keys}, sum(t.transfers) AS n, sum(t.bytes) AS b, sum(t.instances) AS i, sum(t.duration_ms) AS d, max(t.last_at) AS last
  FROM ops.transfer_span(from = {from:DateTime64(3)}, to = {to:DateTime64(3)}, grain = {grain:String}) AS t GROUP BY at, ${keys} ORDER BY at, ${keys}`;
/** A window, where its finished part ends, and one that lies so many hours before it. */
const compared = fc
  .tuple(window, fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 60 }))
  .map(([{ from, to }, share, gap]) => {
    const complete = new Date(+from + Math.round(((+to - +from) / hour) * share) * hour);
    const shift = +to - +from + gap * hour;
    return {
      from,
      to,
      complete,
      before_from: new Date(+from - shift),
      before_to: new Date(+complete - shift)
    };
  });
const part = `multiIf(occurred_at >= {complete:DateTime64(3)}, 'running', occurred_at >= {from:DateTime64(3)}, 'finished', 'earlier')`;
const comparedOfRows = `SELECT ${part} AS part, ${keys}, count() AS n, sum(t.bytes) AS b, max(occurred_at) AS last FROM ops.transfer AS t
  WHERE occurred_at >= {from:DateTime64(3)} AND occurred_at < {to:DateTime64(3)} OR occurred_at >= {before_from:DateTime64(3)} AND occurred_at < {before_to:DateTime64(3)}
  GROUP BY part, ${keys} ORDER BY part, ${keys}`;
const comparedOfSums = `SELECT part, ${keys}, sum(t.transfers) AS n, sum(t.bytes) AS b, max(t.last_at) AS last
  FROM ops.transfer_compared(from = {from:DateTime64(3)}, complete = {complete:DateTime64(3)}, to = {to:DateTime64(3)}, before_from = {before_from:DateTime64(3)}, before_to = {before_to:DateTime64(3)}, grain = {grain:String}) AS t
  GROUP BY part, ${keys} ORDER BY part, ${keys}`;
const peersOfRows = `SELECT toDate(occurred_at, 'Europe/Paris') AS day, peer, calling_ae, count() AS n, max(occurred_at) AS last FROM ops.transfer
  WHERE peer != '' AND NOT startsWith(called_ae, '/') GROUP BY day, peer, calling_ae ORDER BY day, peer, calling_ae`;
const peersOfSums = `SELECT day, peer, calling_ae, sum(p.transfers) AS n, max(p.last_at) AS last FROM ops.peer_daily AS p GROUP BY day, peer, calling_ae ORDER BY day, peer, calling_ae`; // prettier-ignore

test('sums by the day and the hour are those of the rows, whatever the window, midnights and changes of clock included', async () => {
  let seq = 0;
  // Told in several batches, as a collector does: what a later one adds to a day is added to its sums.
  for (const batch of fc.sample(fc.array(transfer, { minLength: 100, maxLength: 300 }), { numRuns: 6, seed: 17 }))
    await bench.insert(
      'ops.transfer',
      batch.map((row) => ({ ...row, lane: 'ops', collector: 'c1', seq: ++seq, received_at: row.occurred_at, retention: 'ops' }))
    );
  await fc.assert(
    fc.asyncProperty(window, fc.constantFrom('hour' as const, 'day' as const), async (span, grain) => {
      const asked = { ...span, grain };
      expect(await bench.ask(ofSums, asked)).toEqual(await bench.ask(ofRows, asked));
    }),
    { numRuns: 40, seed: 17 }
  );
  await fc.assert(
    fc.asyncProperty(compared, fc.constantFrom('hour' as const, 'day' as const), async (spans, grain) => {
      const asked = { ...spans, grain };
      expect(await bench.ask(comparedOfSums, asked)).toEqual(await bench.ask(comparedOfRows, asked));
    }),
    { numRuns: 40, seed: 17 }
  );
  const peers = await bench.ask(peersOfSums);
  expect(peers.length).toBeGreaterThan(20);
  expect(peers).toEqual(await bench.ask(peersOfRows));
}, 120_000); // prettier-ignore
