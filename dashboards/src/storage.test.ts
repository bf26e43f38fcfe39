import { afterAll, beforeAll, expect, test } from 'vitest';
import { BoardBench } from './testkit.ts';

let bench: BoardBench;
let seq = 0;
const base = (occurred_at: string) => ({
  lane: 'ops',
  collector: 'c1',
  seq: ++seq,
  received_at: occurred_at,
  retention: 'ops',
  source: 'deepunity',
  system: 'deepunity',
  tier: 'online',
  occurred_at
});
const sample = (occurred_at: string, used: number, more: Record<string, unknown> = {}) => ({
  ...base(occurred_at),
  pool: 'ON-1',
  capacity: 100e12,
  used,
  ...more
});
const volume = (occurred_at: string, site: string, bytes: number) => ({
  ...base(occurred_at),
  pool: 'ON-1',
  site,
  establishment: site === 'troyes' ? 'ch-troyes' : site,
  study: '1.2.3',
  bytes,
  instances: 1,
  reason: 'stored'
});
const dayAt = (first: string, days: number) => new Date(Date.parse(first) + days * 86_400_000).toISOString();

const november = {
  from: new Date('2026-11-01T00:00:00+01:00'),
  to: new Date('2026-12-01T00:00:00+01:00'),
  now: new Date('2026-11-15T12:00:00+01:00'),
  tariffs: [['deepunity', 'online', 60, '2026-01-01', '2149-06-06']] as const
};

beforeAll(async () => {
  bench = await BoardBench.start();
});
afterAll(() => bench.engine.stop());

test('with no sample and no volume every panel is empty', async () => {
  for (const id of ['pools', 'growth', 'cost']) expect(await bench.panel('storage', id)).toEqual([]);
});

test('a pool that grows by half a terabyte a day is full when its free space is eaten', async () => {
  const rows = Array.from({ length: 20 }, (_, i) =>
    sample(dayAt('2026-09-01T10:00:00Z', i), 80e12 + i * 0.5e12)
  );
  await bench.insert('ops.storage_sample', rows);
  // An earlier sample of the last day does not win over its last one.
  await bench.insert('ops.storage_sample', [sample('2026-09-20T02:00:00Z', 1)]);
  const window = { from: new Date('2026-08-31T22:00:00Z'), to: new Date('2026-09-30T22:00:00Z') };
  const [pool] = await bench.panel('storage', 'pools', window);
  expect(pool).toMatchObject({ pool: 'ON-1', used: 89.5e12, used_share: 89.5, state: 'growing' });
  expect(pool?.['growth_day']).toBeCloseTo(0.5e12, -6);
  for (const column of ['full_days', 'full_soonest', 'full_latest'])
    expect(pool?.[column]).toBeCloseTo(21, 3);
});

test('thirteen days are too few for a forecast, and a pool without capacity says so', async () => {
  const window = { from: new Date('2026-07-01T00:00:00Z'), to: new Date('2026-07-31T00:00:00Z') };
  const short = Array.from({ length: 13 }, (_, i) =>
    sample(dayAt('2026-07-02T10:00:00Z', i), 10e12 + i * 1e12)
  );
  const open = sample('2026-07-03T10:00:00Z', 5e12, { pool: 'ARC', tier: 'archive', capacity: null });
  await bench.insert('ops.storage_sample', [...short, open]);
  const rows = await bench.panel('storage', 'pools', window);
  expect(rows).toMatchObject([
    { pool: 'ON-1', state: 'too-short', full_days: null, growth_day: null },
    { pool: 'ARC', state: 'no-capacity', used_share: null, capacity: null }
  ]);
});

test('cost is bytes at the end of each day, over the month, at the price of that day', async () => {
  await bench.insert('ops.study_volume', [
    volume('2026-10-10T10:00:00Z', 'troyes', 2e12),
    // On 11 November HPA stores 3 TB; late on 12 November, Paris time, it deletes one.
    volume('2026-11-11T10:00:00Z', 'hpa', 3e12),
    volume('2026-11-12T22:30:00Z', 'hpa', -1e12)
  ]);
  const rows = await bench.panel('storage', 'cost', november);
  // Troyes: 2 TB over 15 of 30 days. HPA: 3 TB for one day, then 2 TB for four.
  expect(
    rows.map(({ site, cost, tb_months }) => [site, Number(cost).toFixed(6), Number(tb_months).toFixed(6)])
  ).toEqual(
    [
      ['hpa', ((60 * (3 * 1 + 2 * 4)) / 30).toFixed(6), ((3 * 1 + 2 * 4) / 30).toFixed(6)],
      ['troyes', ((60 * 2 * 15) / 30).toFixed(6), ((2 * 15) / 30).toFixed(6)]
    ].map(([site, cost, tb]) => [site, cost, tb])
  );
});

test('a price that changes in the month is applied day by day', async () => {
  const tariffs = [
    ['deepunity', 'online', 60, '2026-01-01', '2026-11-05'],
    ['deepunity', 'online', 90, '2026-11-06', '2149-06-06']
  ] as const;
  const rows = await bench.panel('storage', 'cost', { ...november, tariffs, sites: ['troyes'] });
  expect(rows).toHaveLength(1);
  expect(rows[0]?.['cost']).toBeCloseTo((2 * (60 * 5 + 90 * 10)) / 30, 6);
});

test('what the pools hold beyond the sites is a line of its own, on measured days, for those who see the group', async () => {
  await bench.insert('ops.storage_sample', [
    sample('2026-11-03T10:00:00Z', 5e12),
    sample('2026-11-12T10:00:00Z', 4e12)
  ]);
  const rows = await bench.panel('storage', 'cost', november);
  // 3 November: 5 − 2 = 3 TB; 12 November: 4 − (2 + 3 − 1… at its end 2) = 0 TB.
  const line = rows.find((row) => row['site'] === '~unallocated');
  expect(line?.['cost']).toBeCloseTo((60 * 3) / 30, 6);
  const partner = await bench.panel('storage', 'cost', { ...november, scope: ['hpa'] });
  expect(partner.map((row) => row['site'])).toEqual(['hpa']);
});

test('euros per exam appear where exams do', async () => {
  await bench.insert('ops.exam_event', [
    {
      ...base('2026-11-05T10:00:00Z'),
      system: undefined,
      tier: undefined,
      site: 'troyes',
      establishment: 'ch-troyes',
      milestone: 'ended',
      accession: 'X1'
    },
    {
      ...base('2026-11-06T10:00:00Z'),
      system: undefined,
      tier: undefined,
      site: 'troyes',
      establishment: 'ch-troyes',
      milestone: 'ended',
      accession: 'X2'
    }
  ]);
  const rows = await bench.panel('storage', 'cost', november);
  expect(rows.find((row) => row['site'] === 'troyes')).toMatchObject({ exams: 2, cost_per_exam: 30 });
  expect(rows.find((row) => row['site'] === 'hpa')).toMatchObject({ exams: null, cost_per_exam: null });
});
