import { afterAll, beforeAll, expect, test } from 'vitest';
import { BoardBench, panelOf } from './testkit.ts';

let bench: BoardBench;
let seq = 0;
const transfer = (occurred_at: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  lane: 'ops',
  collector: 'c1',
  seq: ++seq,
  received_at: occurred_at,
  retention: 'ops',
  source: 'deepunity',
  observer: 'deepunity',
  authoritative: 1,
  site: 'troyes',
  establishment: 'ch-troyes',
  service: 'C-STORE',
  calling_ae: 'TRO_CT1',
  called_ae: 'DEEPUNITY',
  from_system: 'troyes-ct-1',
  to_system: 'deepunity',
  status: 'success',
  bytes: 1000,
  duration_ms: 500,
  occurred_at,
  ...more
});

beforeAll(async () => {
  bench = await BoardBench.start();
  await bench.insert('ops.transfer', [
    transfer('2026-11-23T09:10:00Z'),
    transfer('2026-11-23T09:20:00Z', { bytes: null }),
    transfer('2026-11-23T10:20:00Z', { status: 'failure', reason: 'timeout', bytes: null }),
    transfer('2026-11-23T10:25:00Z', { status: 'rejected', bytes: null }),
    // Another observer tells the first transfer again; an echo; an undeclared caller; another establishment.
    transfer('2026-11-23T09:10:01Z', { observer: 'vna', authoritative: 0 }),
    transfer('2026-11-23T09:30:00Z', { service: 'C-ECHO' }),
    transfer('2026-11-23T11:00:00Z', { calling_ae: 'GHOST', from_system: '', site: '', establishment: '' }),
    transfer('2026-11-23T11:00:00Z', { site: 'gham', establishment: 'gham' })
  ]);
});
afterAll(() => bench.engine.stop());

test('only the authoritative observer counts, echoes do not, and an untold volume is no zero', async () => {
  expect((await bench.panel('traffic', 'total'))[0]).toMatchObject({
    transfers: 5,
    failed: 2,
    bytes: 2000,
    failed_share: 40,
    course: 'failing',
    transfers_before: null
  });
});

test('the matrix holds each pair of AE titles with its failures, volume and rate', async () => {
  const rows = await bench.panel('traffic', 'pairs');
  expect(rows).toMatchObject([
    { calling_ae: 'TRO_CT1', called_ae: 'DEEPUNITY', transfers: 4, failed: 2, bytes: 1000, rate: 500 },
    { calling_ae: 'GHOST', called_ae: 'DEEPUNITY', transfers: 1, failed: 0, bytes: 1000 }
  ]);
});

test('failures group by reason, by status when none is told', async () => {
  expect(await bench.panel('traffic', 'failures')).toEqual([
    { cause: 'rejected', ended: 'rejected', failed: 1, last: '2026-11-23T10:25:00.000Z' },
    { cause: 'timeout', ended: 'failure', failed: 1, last: '2026-11-23T10:20:00.000Z' }
  ]);
});

test('volume falls into hours, or into Paris days', async () => {
  expect(await bench.panel('traffic', 'volume', { grain: 'hour', sites: ['troyes'] })).toEqual([
    { bucket: '2026-11-23T09:00:00Z', site: 'troyes', bytes: 1000, transfers: 2 },
    { bucket: '2026-11-23T10:00:00Z', site: 'troyes', bytes: null, transfers: 2 }
  ]);
  expect(await bench.panel('traffic', 'volume', { grain: 'day', sites: ['troyes'] })).toEqual([
    { bucket: '2026-11-22T23:00:00Z', site: 'troyes', bytes: 1000, transfers: 4 }
  ]);
});

test('an undeclared AE title is named, for those who see what belongs to no site', async () => {
  expect(await bench.panel('traffic', 'unknown')).toMatchObject([{ ae: 'GHOST', side: 'calling', seen: 1 }]);
  expect(await bench.panel('traffic', 'unknown', { scope: ['ch-troyes'] })).toEqual([]);
});

test('observers reconcile side by side', async () => {
  expect(await bench.panel('traffic', 'reconcile')).toMatchObject([
    { observer: 'deepunity', part: 'counts', transfers: 5 },
    { observer: 'vna', part: 'checks', transfers: 1 }
  ]);
});

test('a modality is silent against its own pace, counted in opening hours', async () => {
  // Paced every hour from 08:00 to 18:00 on two days; it stopped on the second at noon.
  const day = (date: string, until: number) =>
    Array.from({ length: until - 7 }, (_, i) =>
      transfer(`${date}T${String(i + 7).padStart(2, '0')}:05:00Z`, {
        from_system: 'troyes-mr-1',
        calling_ae: 'TRO_MR1'
      })
    );
  await bench.insert('ops.transfer', [...day('2026-11-19', 17), ...day('2026-11-20', 11)]);
  const hour = (date: string, clock: string) => Date.parse(`${date}T${clock}:00Z`) / 1000;
  const hours = ['2026-11-19', '2026-11-20', '2026-11-23'].map(
    (date) => ['plateau', hour(date, '07:00'), hour(date, '17:00')] as const
  );
  const at = (now: string) => ({
    hours,
    now: new Date(now),
    modalities: [
      ['troyes-mr-1', 'troyes', 'plateau'],
      ['troyes-us-1', 'troyes', 'plateau']
    ] as const
  });
  const atNoon = await bench.panel('traffic', 'silent', at('2026-11-20T12:00:00Z'));
  expect(atNoon.find((row) => row['system'] === 'troyes-mr-1')).toMatchObject({
    state: 'heard',
    usual_ms: 3_600_000
  });
  // Friday evening and the weekend are closed: only Friday's last opening hours and Monday's first count.
  const monday = await bench.panel('traffic', 'silent', at('2026-11-23T08:00:00Z'));
  expect(monday).toMatchObject([
    { system: 'troyes-mr-1', state: 'silent', silent_ms: (6 * 60 + 55 + 60) * 60_000 },
    { system: 'troyes-us-1', state: 'never', silent_ms: null, last: null }
  ]);
});

const nodes = [
  ['troyes-ct-1', 'modalities:troyes'],
  ['deepunity', 'deepunity'],
  ['vna', 'vna'],
  ['viewer', 'viewer']
] as const;

test('the platform is flows between places, with their volume and health', async () => {
  const at = '2026-11-05T09:10:00Z';
  const window = { from: new Date('2026-11-05T00:00:00Z'), to: new Date('2026-11-06T00:00:00Z'), complete: new Date('2026-11-06T00:00:00Z'), before_from: new Date('2026-10-29T00:00:00Z'), before_to: new Date('2026-10-30T00:00:00Z'), nodes }; // prettier-ignore
  await bench.insert('ops.transfer', [
    transfer(at),
    transfer(at, { status: 'failure', reason: 'timeout', bytes: null }),
    // A workstation fetches: the images flow from the archive to it.
    transfer(at, {
      service: 'C-GET',
      from_system: '',
      calling_ae: 'WS',
      to_system: 'vna',
      called_ae: 'VNA',
      bytes: 70
    }),
    // A web viewer answers a client.
    transfer(at, { service: 'WADO', grain: 'request', calling_ae: 'OHIF', called_ae: '/studies/{study}', from_system: '', to_system: 'viewer', bytes: 5 }), // prettier-ignore
    // A week before, the PACS sent to the VNA.
    transfer('2026-10-29T09:00:00Z', {
      from_system: 'deepunity',
      to_system: 'vna',
      calling_ae: 'DEEPUNITY',
      called_ae: 'VNA'
    }),
    // Another observer of the first one, which is short of half.
    transfer(at, { observer: 'capteur', authoritative: 0, bytes: 500, instances: 1 })
  ]);
  expect(await bench.panel('traffic', 'flow', window)).toMatchObject([
    { from_node: 'modalities:troyes', to_node: 'deepunity', bytes: 1000, transfers: 2, failed: 1, failed_share: 50, health: 'failing' }, // prettier-ignore
    { from_node: 'deepunity', to_node: 'vna', bytes: null, transfers: 0, health: 'stopped', last: null },
    { from_node: 'vna', to_node: 'unknown', bytes: 70, health: 'clean' },
    { from_node: 'viewer', to_node: 'clients', bytes: 5, health: 'clean' }
  ]);
  expect(await bench.panel('traffic', 'agreement', window)).toMatchObject([
    { from_node: 'modalities:troyes', to_node: 'deepunity', counting: 'deepunity', checking: 'capteur', counted_bytes: 1000, seen_bytes: 500, bytes_change: -50, verdict: 'differ' } // prettier-ignore
  ]);
});

test('a study waits until a try succeeds or its destination has it already', async () => {
  const at = (clock: string) => `2026-11-10T${clock}:00Z`;
  const send = (study: string, clock: string, status: string, more: Record<string, unknown> = {}) =>
    transfer(at(clock), { study, status, called_ae: 'VNA', ...more });
  await bench.insert('ops.transfer', [
    send('1.1', '08:00', 'failure'),
    send('1.1', '08:10', 'success'),
    send('1.2', '08:00', 'failure'),
    send('1.2', '09:00', 'aborted'),
    send('1.3', '08:30', 'failure'),
    send('1.3', '08:40', 'failure', { reason: 'already-present' }),
    send('1.4', '10:00', 'rejected'),
    send('1.5', '10:00', 'success')
  ]);
  const window = { from: new Date('2026-11-10T00:00:00Z'), to: new Date('2026-11-11T00:00:00Z'), now: new Date(at('12:00')) }; // prettier-ignore
  expect(await bench.panel('traffic', 'queue', window)).toMatchObject([
    { called_ae: 'VNA', waiting: 2, age_ms: 4 * 3_600_000, tries: 3 }
  ]);
});

test('callers show their rejections and aborts as shares of their associations', async () => {
  const window = { from: new Date('2026-11-23T10:00:00Z'), to: new Date('2026-11-23T11:00:00Z') };
  expect(await bench.panel('traffic', 'callers', window)).toMatchObject([
    { calling_ae: 'TRO_CT1', associations: 2, rejected_share: 50, aborted_share: 0, failed_share: 50 }
  ]);
});

test('an address outside every declared network is named', async () => {
  const at = '2026-11-12T09:00:00Z';
  const window = { from: new Date('2026-11-12T00:00:00Z'), to: new Date('2026-11-13T00:00:00Z') };
  await bench.insert('ops.transfer', [
    transfer(at, { peer: '10.10.7.1' }),
    transfer(at, { peer: '192.168.57.9', calling_ae: 'POSTE12' }),
    transfer(at, { peer: '2001:db8::9' }),
    transfer(at, { peer: '2001:db9::9' }),
    transfer(at, { peer: 'ct1.example' })
  ]);
  const networks = ['10.10.0.0/16', '2001:db8::/32'];
  expect(await bench.panel('traffic', 'networks', { ...window, networks })).toMatchObject([
    { peer: '192.168.57.9', calling: 'POSTE12', seen: 1 },
    { peer: '2001:db9::9', seen: 1 }
  ]);
});

test('the rows behind a panel are those it counts: no web requests, and C-ECHO only where associations count', async () => {
  const at = '2026-11-16T09:00:00Z';
  const window = { from: new Date('2026-11-16T00:00:00Z'), to: new Date('2026-11-17T00:00:00Z') };
  await bench.insert('ops.transfer', [
    transfer(at, { peer: '192.168.1.1' }),
    transfer(at, { peer: '192.168.1.1', status: 'failure', reason: 'timeout', bytes: null }),
    transfer(at, { peer: '192.168.1.1', service: 'C-ECHO', bytes: null }),
    transfer(at, { peer: '192.168.1.2', service: 'WADO', grain: 'request', calling_ae: 'OHIF', called_ae: '/studies/{study}' }) // prettier-ignore
  ]);
  const rowsOf = async (panel: string, by: Record<string, string> = {}) => {
    const { rows } = panelOf('traffic', panel);
    const extra = Object.fromEntries((rows?.by ?? []).map((name) => [name, by[name] ?? '*']));
    return (await bench.ask(rows?.sql ?? '', window, extra)).map((row) => row['service']);
  };
  expect(await rowsOf('total')).toEqual(['C-STORE', 'C-STORE']);
  expect(await rowsOf('callers', { calling_ae: 'TRO_CT1' })).toEqual(['C-STORE', 'C-STORE', 'C-ECHO']);
  expect(await rowsOf('networks', { peer: '192.168.1.2' })).toEqual([]);
  expect((await bench.panel('traffic', 'networks', window)).map((row) => row['peer'])).toEqual([
    '192.168.1.1'
  ]);
  expect(await bench.panel('traffic', 'callers', window)).toMatchObject([
    { calling_ae: 'TRO_CT1', associations: 3 }
  ]);
});
