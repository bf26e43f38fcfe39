import { afterAll, beforeAll, expect, test } from 'vitest';
import { BoardBench } from './testkit.ts';

let bench: BoardBench;
beforeAll(async () => {
  bench = await BoardBench.start();
});
afterAll(() => bench.engine.stop());

let seq = 0;
const base = (at: string, more: object) => ({
  lane: 'ops', collector: 'c1', seq: ++seq, received_at: at, retention: 'ops', source: 'viewer', site: 'troyes', establishment: 'ch-troyes', occurred_at: at, ...more
}); // prettier-ignore
const route = {
  series: '/studies/{study}/series',
  metadata: '/studies/{study}/series/{series}/metadata',
  frames: '/studies/{study}/series/{series}/instances/{instance}/frames/{frames}'
};
const asked = (at: string, called: keyof typeof route, more: object = {}) =>
  base(at, {
    observer: 'viewer', authoritative: 1, grain: 'request', service: called === 'series' ? 'QIDO' : 'WADO', called_ae: route[called],
    peer: '10.10.5.6', study: '1.2.3', bytes: 1000, duration_ms: 50, status: 'success', ...more
  }); // prettier-ignore

test('an opening is one client, one study, one hour; its first image ends the first answer with pixels', async () => {
  const other = { site: 'hpa', establishment: 'hpa', peer: '10.20.5.6' };
  await bench.insert('ops.transfer', [
    // Opened at 09:00:00.000; the first frame that is served ends at 09:00:02.300, one before it failed.
    asked('2026-11-24T08:00:00.000Z', 'series'),
    asked('2026-11-24T08:00:00.400Z', 'metadata'),
    asked('2026-11-24T08:00:01.000Z', 'frames', { status: 'failure' }),
    asked('2026-11-24T08:00:02.000Z', 'frames', { duration_ms: 300 }),
    asked('2026-11-24T08:00:01.900Z', 'frames', { duration_ms: 500 }),
    // The same study again within the hour is no other opening; in the next hour it is, and shows no image.
    asked('2026-11-24T08:30:00.000Z', 'metadata'),
    asked('2026-11-24T09:10:00.000Z', 'metadata', { bytes: null }),
    // Frames alone, of a study opened before the window, open nothing.
    asked('2026-11-24T10:00:00.000Z', 'frames', { study: '1.2.4' }),
    // A search opens nothing; a page of the viewer is no request of DICOMweb.
    asked('2026-11-24T10:00:00.000Z', 'series', { study: '', called_ae: '/studies' }),
    asked('2026-11-24T10:00:00.000Z', 'series', { service: 'HTTP', called_ae: '/other', study: '' }),
    asked('2026-11-24T08:00:00.000Z', 'metadata', other),
    asked('2026-11-24T08:00:00.100Z', 'frames', { ...other, duration_ms: 900 })
  ]);
  const rows = await bench.panel('systems', 'viewer', { system: 'viewer' });
  const opened = (row: Record<string, unknown>) => [
    row['site'], row['opened'], row['without_image'], row['first_p50'], row['requests'], row['failed'], row['clients']
  ].map((value) => (typeof value === 'string' && /^\d/.test(value) ? Number(value) : value)); // prettier-ignore
  expect(rows.map(opened)).toEqual([
    ['troyes', 2, 1, 2300, 9, 1, 1],
    ['hpa', 1, 0, 1000, 2, 0, 1]
  ]);
  expect(await bench.panel('systems', 'viewer', { system: 'deepunity' })).toEqual([]);
});

test('figures of one system are its own: what it received and sent, its pools, its uses', async () => {
  const moved = (from: string, to: string, more: object = {}) =>
    base('2026-11-24T08:00:00Z', {
      observer: 'deepunity', authoritative: 1, grain: 'association', service: 'C-STORE', calling_ae: from.toUpperCase(), called_ae: to.toUpperCase(),
      from_system: from, to_system: to, bytes: 5e9, status: 'success', ...more
    }); // prettier-ignore
  await bench.insert('ops.transfer', [
    moved('ct', 'deepunity'),
    moved('deepunity', 'vna', { status: 'failure', bytes: null }),
    moved('ct', 'vna'),
    moved('ct', 'deepunity', { authoritative: 0 })
  ]);
  await bench.insert('ops.storage_sample', [
    base('2026-11-24T08:00:00Z', {
      system: 'deepunity',
      pool: 'ON',
      tier: 'online',
      capacity: 100,
      used: 40
    }),
    base('2026-11-24T09:00:00Z', {
      system: 'deepunity',
      pool: 'ON',
      tier: 'online',
      capacity: 100,
      used: 50
    }),
    base('2026-11-24T09:00:00Z', { system: 'vna', pool: 'X', tier: 'online', capacity: 100, used: 99 })
  ]);
  const use = (kind: string, count: number, more: object = {}) =>
    base('2026-11-24T08:00:00Z', { system: 'deepunity', kind, count, outcome: 'success', ...more });
  await bench.insert('ops.usage', [
    use('ai-result', 3),
    use('ai-result', 4),
    use('ai-result', 2, { outcome: 'failure' }),
    use('ai-result', 9, { system: 'vna' })
  ]);
  const pairs = await bench.panel('systems', 'counterparts');
  expect(pairs.map((row) => [row['counterpart'], row['way'], Number(row['transfers']), Number(row['failed'])])).toEqual([
    ['CT', 'in', 1, 0],
    ['VNA', 'out', 1, 1]
  ]); // prettier-ignore
  expect((await bench.panel('systems', 'storage')).map((row) => [row['pool'], row['used_share']])).toEqual([
    ['ON', 50]
  ]);
  expect(
    (await bench.panel('systems', 'uses')).map((row) => [
      row['use'],
      Number(row['uses']),
      Number(row['failed'])
    ])
  ).toEqual([['ai-result', 7, 2]]);
});

test('a sensor’s page sums what it counted, by what was seen, passed over and not followed; no other system’s', async () => {
  const count = (label: string, n: number, more: object = {}) =>
    base('2026-11-24T08:00:00Z', {
      system: 'capteur', kind: 'sensor-count', label, count: n, period_s: 300, site: '', establishment: '', ...more
    }); // prettier-ignore
  await bench.insert('ops.usage', [
    count('packets', 1000),
    count('packets', 500),
    count('bytes', 9e9),
    count('associations', 12),
    count('dropped-by-capture', 3),
    count('fragments', 2),
    count('timeless-packets', 1),
    count('connections-midstream', 4),
    count('gap-bytes', 2048),
    count('packets', 7, { system: 'other-sensor' })
  ]);
  const [seen] = await bench.panel('systems', 'capture', { system: 'capteur' });
  expect(
    Object.fromEntries(Object.entries(seen ?? {}).map(([name, value]) => [name, Number(value)]))
  ).toEqual({
    associations: 12,
    seen_bytes: 9e9,
    packets: 1500,
    lost: 3,
    passed: 3,
    unfollowed: 4
  });
  const counts = await bench.panel('systems', 'capture-counts', { system: 'capteur' });
  expect(counts.map((row) => [row['side'], row['what'], row['counted'] ?? row['volume']].join(' '))).toEqual([
    'lost connections-midstream 4',
    'lost dropped-by-capture 3',
    'lost fragments 2',
    'lost timeless-packets 1',
    'lost gap-bytes 2048',
    'seen packets 1500',
    'seen associations 12',
    'seen bytes 9000000000'
  ]);
  expect(await bench.panel('systems', 'capture', { system: 'vna' })).toEqual([]);
  // What a sensor counts is no use of the platform.
  const uses = await bench.panel('activity', 'uses');
  expect(uses.length).toBeGreaterThan(0);
  expect(uses.filter((row) => row['use'] === 'sensor-count')).toEqual([]);
});

test('a day of an archive that was never counted in full has no moment of it', async () => {
  const asked = (study_date: string, complete: number) =>
    base('2026-11-24T08:00:00Z', { system: 'vna', study_date, grain: 'day', studies: 3, complete });
  await bench.insert('ops.census', [asked('2026-11-23', 1), asked('2026-11-22', 0)]);
  expect(await bench.panel('systems', 'census', { system: 'vna' })).toMatchObject([
    { day: '2026-11-23', whole: '2026-11-24T08:00:00.000Z' },
    { day: '2026-11-22', whole: null }
  ]);
});

test('what a system measures of itself: last, lowest and highest of the period, jobs first, in its unit', async () => {
  const told = (at: string, gauge: string, value: number, more: object = {}) =>
    base(`2026-11-24T${at}Z`, { system: 'deepunity', gauge, unit: 'count', value, site: '', establishment: '', ...more }); // prettier-ignore
  await bench.insert('ops.gauge', [
    told('08:00:00', 'studies', 40),
    told('09:05:00', 'studies', 41),
    told('08:00:00', 'jobs-pending', 3),
    told('08:30:00', 'jobs-pending', 12),
    told('09:00:00', 'jobs-pending', 0),
    told('09:00:00', 'disk-size', 59_680_748, { unit: 'bytes' }),
    told('09:00:00', 'queue-length', 7, { label: 'hl7' }),
    told('09:00:00', 'cpu', 410, { unit: 'permille', site: 'troyes' }),
    told('08:30:00', 'cpu', 980, { unit: 'permille', site: 'hpa' }),
    told('09:00:00', 'studies', 999, { system: 'vna' }),
    told('09:00:00', 'studies', 999, { establishment: 'elsewhere' })
  ]);
  const rows = await bench.panel('systems', 'gauges');
  expect(rows.map((row) => [row['gauge'], row['label'], row['current'], row['least'], row['most'], Number(row['samples'])])).toEqual([
    ['jobs-pending', '', 'count 0', 'count 0', 'count 12', 3],
    ['studies', '', 'count 41', 'count 40', 'count 41', 2],
    ['disk-size', '', 'bytes 59680748', 'bytes 59680748', 'bytes 59680748', 1],
    ['cpu', '', 'permille 980', 'permille 980', 'permille 980', 1],
    ['cpu', '', 'permille 410', 'permille 410', 'permille 410', 1],
    ['queue-length', 'hl7', 'count 7', 'count 7', 'count 7', 1]
  ]); // prettier-ignore
  expect(rows.filter((row) => row['gauge'] === 'cpu').map((row) => row['site'])).toEqual(['hpa', 'troyes']);
  const highest = async (grain: 'hour' | 'day') =>
    (await bench.panel('systems', 'jobs', { grain })).map((row) => [row['bucket'], row['what'], Number(row['most'])].join(' ')); // prettier-ignore
  expect(await highest('hour')).toEqual([
    '2026-11-24T08:00:00Z jobs-pending 12',
    '2026-11-24T09:00:00Z jobs-pending 0',
    '2026-11-24T09:00:00Z queue-length hl7 7'
  ]);
  expect(await highest('day')).toEqual([
    '2026-11-23T23:00:00Z jobs-pending 12',
    '2026-11-23T23:00:00Z queue-length hl7 7'
  ]);
});
