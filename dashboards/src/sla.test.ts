import { afterAll, beforeAll, expect, test } from 'vitest';
import { BoardBench } from './testkit.ts';

let bench: BoardBench;
let seq = 0;
/** One check a minute from `start` for `minutes`, all succeeding or all failing. */
const checks = (
  probe: string,
  start: string,
  minutes: number,
  success: boolean,
  more: Record<string, unknown> = {}
) =>
  Array.from({ length: minutes }, (_, i) => {
    const occurred_at = new Date(Date.parse(start) + i * 60_000 + 7000).toISOString();
    return {
      lane: 'ops',
      collector: 'c1',
      seq: ++seq,
      received_at: occurred_at,
      retention: 'ops',
      source: 'vigie',
      system: 'deepunity',
      probe,
      kind: 'c-echo',
      success: success ? 1 : 0,
      occurred_at,
      ...more
    };
  });

const window = {
  from: new Date('2026-10-01T00:00:00+02:00'),
  to: new Date('2026-12-01T00:00:00+01:00'),
  now: new Date('2026-11-03T00:00:00+01:00'),
  objectives: [['pacs', ['echo-a', 'echo-b'], 300, 99, '']] as [string, string[], number, number, string][]
};

beforeAll(async () => {
  bench = await BoardBench.start();
});
afterAll(() => bench.engine.stop());

test('an objective without any check is not measured: neither kept nor lost', async () => {
  expect(await bench.panel('sla', 'availability', window)).toMatchObject([
    {
      objective: 'pacs',
      available: null,
      left_minutes: null,
      state: 'unknown',
      verdict: 'unknown',
      unknown_share: 100
    }
  ]);
});

test('a slice is good when one probe succeeded, bad when all failed, unknown without checks', async () => {
  await bench.insert('ops.probe_result', [
    // 1 November, Paris midnight: one hour good, then 20 minutes where only the second probe answers.
    ...checks('echo-a', '2026-10-31T23:00:00Z', 60, true),
    ...checks('echo-a', '2026-11-01T00:00:00Z', 20, false),
    ...checks('echo-b', '2026-11-01T00:00:00Z', 20, true),
    // Ten minutes where both fail, then an hour of silence, then good again for 30 minutes.
    ...checks('echo-a', '2026-11-01T00:20:00Z', 10, false),
    ...checks('echo-b', '2026-11-01T00:20:00Z', 10, false),
    ...checks('echo-a', '2026-11-01T01:30:00Z', 30, true)
  ]);
  const [row] = await bench.panel('sla', 'availability', window);
  // 12 + 4 + 6 good slices, 2 bad; 1 % of the 720 hours of November is 432 minutes, of which 10 are spent.
  expect(row).toMatchObject({ objective: 'pacs', target: 99, state: 'kept', last_available: null });
  expect(row?.['available']).toBeCloseTo((100 * 22) / 24, 9);
  expect(row?.['left_minutes']).toBeCloseTo(422, 6);
  expect(row?.['left_share']).toBeCloseTo((100 * 422) / 432, 6);
  // 48 hours have passed: 576 slices, 24 of them measured.
  expect(row?.['unknown_share']).toBeCloseTo(100 * (1 - 24 / 576), 6);
});

test('October is its 745 hours, and what happens before midnight in Paris belongs to it', async () => {
  await bench.insert('ops.probe_result', checks('echo-a', '2026-10-31T22:50:00Z', 10, false));
  const [row] = await bench.panel('sla', 'availability', window);
  expect(row).toMatchObject({ last_available: 0 });
  expect(row?.['available']).toBeCloseTo((100 * 22) / 24, 9);
  const october = {
    ...window,
    from: new Date('2026-09-01T00:00:00+02:00'),
    to: new Date('2026-11-01T00:00:00+01:00')
  };
  const [then] = await bench.panel('sla', 'availability', october);
  expect(then?.['left_minutes']).toBeCloseTo(745 * 60 * 0.01 - 10, 6);
  expect(then?.['unknown_share']).toBeCloseTo(100 * (1 - 2 / 8940), 6);
});

test('a spent budget is lost whatever the rest of the month brings', async () => {
  const strict = {
    ...window,
    objectives: [['pacs', ['echo-a', 'echo-b'], 300, 99.99, '']] as typeof window.objectives
  };
  expect(await bench.panel('sla', 'availability', strict)).toMatchObject([
    { state: 'lost', verdict: 'none', kept: 0, measured: 1 }
  ]);
});

test('outages are runs of bad slices, and open on their seconds', async () => {
  const rows = await bench.panel('sla', 'outages', window);
  expect(rows).toMatchObject([
    {
      objective: 'pacs',
      begins: '2026-11-01T00:20:00Z',
      ends: '2026-11-01T00:30:00Z',
      lasted: 600_000,
      served: 600_000,
      checks: 20,
      state: 'over'
    },
    { objective: 'pacs', begins: '2026-10-31T22:50:00Z', ends: '2026-10-31T23:00:00Z', lasted: 600_000 }
  ]);
});

test('the timeline is runs of good and bad, with a gap where nothing was measured', async () => {
  const rows = await bench.panel('sla', 'timeline', {
    ...window,
    from: new Date('2026-11-01T00:00:00+01:00')
  });
  expect(rows.map((row) => [row['begins'], row['ends'], row['state']])).toEqual([
    ['2026-10-31T23:00:00Z', '2026-11-01T00:20:00Z', 'good'],
    ['2026-11-01T00:20:00Z', '2026-11-01T00:30:00Z', 'bad'],
    ['2026-11-01T01:30:00Z', '2026-11-01T02:00:00Z', 'good']
  ]);
});

test('a service calendar counts its hours alone, the observed figure all of them', async () => {
  await bench.insert('ops.probe_result', [
    ...checks('ris-http', '2026-11-02T06:00:00Z', 60, false),
    ...checks('ris-http', '2026-11-02T07:00:00Z', 120, true)
  ]);
  const opening = (day: number) =>
    ['plateau', Date.UTC(2026, 10, day, 6, 30) / 1000, Date.UTC(2026, 10, day, 16, 30) / 1000] as const;
  const asked = {
    ...window,
    objectives: [['ris', ['ris-http'], 300, 90, 'plateau']] as typeof window.objectives,
    hours: [opening(2), opening(3), opening(4)]
  };
  const [row] = await bench.panel('sla', 'availability', asked);
  // 06:00–06:30 is outside the contract. 30 hours of service in the month: 10 % is 180 minutes, 30 spent.
  expect(row?.['available_always']).toBeCloseTo((100 * 24) / 36, 9);
  expect(row?.['available']).toBeCloseTo((100 * 24) / 30, 9);
  expect(row?.['left_minutes']).toBeCloseTo(150, 6);
  expect(await bench.panel('sla', 'outages', asked)).toMatchObject([
    { lasted: 3_600_000, served: 1_800_000 }
  ]);
});

test('a repeated insert of the same checks changes nothing', async () => {
  const rows = checks('vna-echo', '2026-11-02T06:00:00Z', 10, true);
  const asked = { ...window, objectives: [['vna', ['vna-echo'], 300, 99, '']] as typeof window.objectives };
  for (let i = 0; i < 2; i++)
    await bench.engine.writer.insert({
      table: 'ops.probe_result',
      values: rows,
      format: 'JSONEachRow',
      clickhouse_settings: { insert_deduplication_token: 'c1-ops-9000' }
    });
  const [row] = await bench.panel('sla', 'timeline', {
    ...asked,
    from: new Date('2026-11-01T00:00:00+01:00')
  });
  expect(row).toMatchObject({ state: 'good', slices: 2 });
});
