import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BoardBench } from './testkit.ts';

/* Formulas of the traffic board that are more than sums, against their definition, on data of every shape. */

let bench: BoardBench;
let seq = 0;
beforeAll(async () => {
  bench = await BoardBench.start();
});
afterAll(() => bench.engine.stop());

/** Night of the change to winter time in Paris among them: 02:00 to 03:00 happens twice. */
const windows = [
  { from: new Date('2026-10-24T22:00:00Z'), to: new Date('2026-10-25T23:00:00Z') },
  { from: new Date('2026-03-28T23:00:00Z'), to: new Date('2026-03-29T22:00:00Z') },
  { from: new Date('2026-11-23T23:00:00Z'), to: new Date('2026-11-24T23:00:00Z') }
];

/** Milliseconds covered by at least one interval, by marking each end: the definition. */
function covered(intervals: readonly (readonly [start: number, stop: number])[]): number {
  const ends = intervals
    .flatMap(
      ([start, stop]) =>
        [
          [start, 1],
          [stop, -1]
        ] as const
    )
    .toSorted((a, b) => a[0] - b[0] || b[1] - a[1]);
  let [open, since, sum] = [0, 0, 0];
  for (const [at, step] of ends) {
    if (open > 0) sum += at - since;
    open += step;
    since = at;
  }
  return sum;
}

const row = (pair: string, at: number, more: Record<string, unknown>) => ({
  lane: 'ops',
  collector: 'c1',
  seq: ++seq,
  // Late, and in an order that has nothing to do with when it happened.
  received_at: new Date(at + 3_600_000 * (seq % 30)).toISOString(),
  retention: 'ops',
  source: 'deepunity',
  observer: 'deepunity',
  authoritative: 1,
  site: 'troyes',
  establishment: 'ch-troyes',
  service: 'C-STORE',
  calling_ae: pair,
  called_ae: 'PACS',
  status: 'success',
  occurred_at: new Date(at).toISOString(),
  ...more
});

test('active time is the union of the intervals: overlaps once, gaps not, whatever the order, the night or the clock change', async () => {
  const transfers = fc.array(
    fc.record({ window: fc.nat(windows.length - 1), at: fc.integer({ min: 0, max: 82_000_000 }), ms: fc.oneof(fc.nat(2_000), fc.nat(6_000_000)), bytes: fc.nat(5_000_000) }), // prettier-ignore
    { minLength: 1, maxLength: 40 }
  );
  const samples = fc.sample(transfers, { numRuns: 15, seed: 20261124 });
  for (const [n, sample] of samples.entries()) {
    const pair = `P${n}`;
    await bench.insert(
      'ops.transfer',
      sample.map(({ window, at, ms, bytes }) =>
        row(pair, windows[window]!.from.getTime() + at, { duration_ms: ms, bytes })
      )
    );
    for (const [index, window] of windows.entries()) {
      const mine = sample.filter((one) => one.window === index);
      const told = (await bench.panel('traffic', 'busiest', window)).find(
        (one) => one['calling_ae'] === pair
      );
      if (mine.length === 0) expect(told).toBeUndefined();
      else
        expect(told).toMatchObject({
          transfers: mine.length,
          bytes: mine.reduce((sum, { bytes }) => sum + bytes, 0),
          active_ms: covered(mine.map(({ at, ms }) => [at, at + ms])),
          summed_ms: mine.reduce((sum, { ms }) => sum + ms, 0)
        });
    }
  }
});

test('a modality’s usual silence is the 99.5th percentile of its own gaps, in opening hours alone', async () => {
  const hour = 3_600_000;
  const start = Date.parse('2026-10-20T00:00:00Z');
  const now = new Date('2026-11-10T12:00:00Z');
  /** Open from 08:00 to 18:00 UTC every day, and over midnight on the 24th. */
  const hours = Array.from({ length: 22 }, (_, day) => {
    const midnight = start + day * 24 * hour;
    return [
      'plateau',
      (midnight + 8 * hour) / 1000,
      (midnight + (day === 4 ? 30 : 18) * hour) / 1000
    ] as const;
  });
  const opened = (from: number, to: number) =>
    hours.reduce(
      (sum, [, opens, closes]) => sum + Math.max(0, Math.min(closes, to) - Math.max(opens, from)),
      0
    );
  const sends = fc.array(fc.integer({ min: 0, max: 20 * 24 * 3600 }), { minLength: 2, maxLength: 400 });
  for (const [n, sample] of fc.sample(sends, { numRuns: 12, seed: 7 }).entries()) {
    const system = `m${n}`;
    const seconds = [...new Set(sample)].toSorted((a, b) => a - b);
    await bench.insert(
      'ops.transfer',
      sample.map((second) => row(`M${n}`, start + second * 1000, { from_system: system }))
    );
    const at = seconds.map((second) => start / 1000 + second);
    const gaps = at
      .slice(1)
      .map((to, i) => opened(at[i]!, to))
      .filter((gap) => gap >= 60)
      .toSorted((a, b) => a - b);
    const usual = gaps[Math.ceil(0.995 * gaps.length) - 1];
    const told = await bench.panel('traffic', 'silent', {
      from: new Date(start),
      to: now,
      now,
      hours,
      modalities: [[system, 'troyes', 'plateau']]
    });
    const silent = opened(at.at(-1)!, now.getTime() / 1000);
    expect(told, JSON.stringify({ n })).toMatchObject([
      {
        system,
        silent_ms: silent * 1000,
        usual_ms: usual === undefined ? null : usual * 1000,
        state: silent > Math.max(usual ?? 0, 7200) ? 'silent' : 'heard'
      }
    ]);
  }
});
