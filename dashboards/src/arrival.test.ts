import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BoardBench, panelOf } from './testkit.ts';

let bench: BoardBench;
let seq = 0;
const from = new Date('2026-11-20T00:00:00+01:00');
const to = new Date('2026-11-25T00:00:00+01:00');
const asked = { from, to };
const day = '2026-11-23';
const at = (clock: string) => `2026-11-23T${clock}+01:00`.replace(/(\d\d:\d\d)\+/, '$1:00+');
const utc = (clock: string) => new Date(at(clock)).toISOString();
const base = (site: string, received: string) => ({
  lane: 'ops', collector: 'c1', seq: ++seq, sub: 0, block: 1, source: 'x', decoder: 't', retention: 'ops', site,
  establishment: site === 'hpa' ? 'hpa' : 'ch-troyes', received_at: received, occurred_at: received
}); // prettier-ignore

/** One exam: when it ended, when each system had it, and what the censuses tell. Clocks of 23 November, Paris. */
interface Case {
  readonly n: number;
  readonly site?: string;
  readonly ended?: string;
  readonly stored?: Partial<Record<'deepunity' | 'vna' | 'pulsy', string>>;
  readonly seen?: readonly string[];
  readonly gone?: readonly string[];
  readonly accession?: string;
  readonly images?: Partial<Record<string, number>>;
}
const cases: readonly Case[] = [
  { n: 1, ended: '09:00', stored: { deepunity: '09:05', vna: '09:15', pulsy: '10:05' } },
  { n: 2, ended: '09:30', stored: { deepunity: '09:40', vna: '10:00', pulsy: '10:40' } },
  { n: 3, ended: '10:00', stored: { deepunity: '10:30', vna: '10:50', pulsy: '12:30' } },
  { n: 4, ended: '10:10', stored: { deepunity: '10:12' }, seen: ['deepunity', 'vna'] },
  { n: 5, site: 'hpa', ended: '11:00', stored: { deepunity: '11:20', vna: '11:30', pulsy: '12:00' }, images: { pulsy: 7 } },
  { n: 6, ended: '11:00', seen: [] },
  { n: 7, seen: ['deepunity', 'vna', 'pulsy'], accession: '' },
  { n: 8, ended: '12:00', stored: { deepunity: '12:04' }, accession: 'A8X' },
  { n: 9, ended: '13:00', stored: { deepunity: '13:06' }, gone: ['deepunity'] }
]; // prettier-ignore
const uid = (n: number) => `1.2.3.${n}`;

beforeAll(async () => {
  bench = await BoardBench.start();
  for (const one of cases) {
    const {
      n,
      site = 'troyes',
      ended,
      stored = {},
      seen = ['deepunity', 'vna', 'pulsy'],
      gone = [],
      images = {}
    } = one;
    if (ended)
      await bench.insert('ops.exam_event', [
        { ...base(site, utc(ended)), milestone: 'ended', accession: `A${n}`, study: uid(n), modality: 'CT', instances: n === 1 ? 12 : null }
      ]); // prettier-ignore
    const transfers = Object.entries(stored).map(([system, clock]) => ({
      ...base(site, utc(clock)), observer: system, authoritative: 1, grain: 'association', service: 'C-STORE', to_system: system,
      study: uid(n), modality: 'CT', instances: 10, bytes: 1_000_000 * n, status: 'success'
    })); // prettier-ignore
    if (transfers.length > 0) await bench.insert('ops.transfer', transfers);
    const studies = seen.map((system) => ({
      ...base(site, utc('14:00')), system, study_date: day, modality: 'CT', study: uid(n), accession: one.accession ?? `A${n}`,
      instances: images[system] ?? 10, state: 'seen'
    })); // prettier-ignore
    const left = gone.map((system) => ({
      ...base(site, utc('15:00')),
      system,
      study_date: day,
      study: uid(n),
      state: 'gone'
    }));
    if (studies.length + left.length > 0) await bench.insert('ops.census_study', [...studies, ...left]);
  }
  const day_ = (system: string, date: string, complete: number, clock: string) => ({
    ...base('', utc(clock)), establishment: '', system, study_date: date, grain: 'day', studies: 5, complete, reason: complete ? '' : 'truncated'
  }); // prettier-ignore
  await bench.insert('ops.census', [
    ...['deepunity', 'vna', 'pulsy'].map((system) => day_(system, day, 1, '14:00')),
    day_('vna', '2026-11-22', 0, '14:05')
  ]);
});
afterAll(() => bench.engine.stop());

const min = 60_000;
test('arrival times are those of the exams that arrived, and what did not is counted apart', async () => {
  const [row] = await bench.panel('arrival', 'total', asked);
  // 5, 10, 30, 2, 20, 4 and 6 minutes.
  expect(row).toMatchObject({ exams: 7, p50: 6 * min, p95: 30 * min, missing: 1, course: 'late' });
  expect(row?.['within']).toBeCloseTo((100 * 5) / 7, 6);
  const cells = await bench.panel('arrival', 'by-modality', asked);
  expect(cells).toMatchObject([
    { site: 'troyes', modality: 'CT', exams: 6, p95: 30 * min, missing: 1 },
    { site: 'hpa', modality: 'CT', exams: 1, p50: 20 * min, missing: 0 }
  ]);
  expect(await bench.panel('arrival', 'by-day', asked)).toHaveLength(2);
  const rows = await bench.ask(panelOf('arrival', 'total').rows?.sql ?? '', asked, {
    site: 'hpa',
    modality: '*',
    day: '*'
  });
  expect(rows).toMatchObject([{ study: uid(5), accession: 'A5', ms: 20 * min }]);
});

test('a study stored again days later keeps its first arrival', async () => {
  const again = { ...base('troyes', '2026-11-24T09:00:00Z'), observer: 'deepunity', authoritative: 1, service: 'C-STORE', to_system: 'deepunity', study: uid(2), status: 'success' }; // prettier-ignore
  await bench.insert('ops.transfer', [again]);
  expect((await bench.panel('arrival', 'total', asked))[0]).toMatchObject({ exams: 7, p95: 30 * min });
});

test('each copy tells what it lacks, the bytes at risk and its lag', async () => {
  const now = new Date('2026-11-25T14:00:00+01:00');
  const copies = await bench.panel('arrival', 'copies', { ...asked, now });
  expect(copies).toMatchObject([
    { system: 'pulsy', studies: 7, waiting: 1, late: 1, at_risk: 4_000_000, unknown_size: 0, lag_p50: 60 * min, oldest: (51 * 60 + 48) * min },
    { system: 'vna', studies: 7, waiting: 0, late: 0, at_risk: 0, course: 'safe' }
  ]); // prettier-ignore
});

describe('the systems compared', () => {
  test('day by day', async () => {
    expect(await bench.panel('arrival', 'reconciliation', asked)).toEqual([
      {
        day, in_ris: 8, pacs_count: 7, vna_count: 8, archive_count: 7, without_images: 2, without_order: 1, mismatched: 1,
        not_copied: 1, copied_part: 1, missed_deletions: 1
      }
    ]); // prettier-ignore
  });
  test('by kind, with the list behind', async () => {
    const kinds = await bench.panel('arrival', 'differences', asked);
    expect(Object.fromEntries(kinds.map(({ difference, studies }) => [difference, studies]))).toEqual({
      'no-images': 2, 'not-copied': 1, 'part-copied': 1, 'missed-deletion': 1, orphan: 1, mismatch: 1
    }); // prettier-ignore
    const all = { site: '*', modality: '*', day: '*', difference: '*', system: '*' };
    const list = (more: object) =>
      bench.ask(panelOf('arrival', 'differences').rows?.sql ?? '', asked, { ...all, ...more });
    const told = (await list({})).map(({ difference, study }) => [difference, study]);
    expect(told.toSorted()).toEqual([
      ['mismatch', uid(8)], ['missed-deletion', uid(9)], ['no-images', uid(6)], ['no-images', uid(9)], ['not-copied', uid(4)],
      ['orphan', uid(7)], ['part-copied', uid(5)]
    ]); // prettier-ignore
    expect(await list({ difference: 'not-copied' })).toMatchObject([
      { study: uid(4), accession: 'A4', pacs_has: 'yes', vna_has: 'yes', archive_has: 'no' }
    ]);
    expect((await list({ system: 'vna' })).map(({ study }) => study).toSorted()).toEqual([uid(5), uid(9)]);
  });
  test('orders: orphans and wrong numbers', async () => {
    expect(await bench.panel('arrival', 'orders', asked)).toMatchObject([
      { site: 'troyes', studies: 6, orphans: 1, mismatches: 1 },
      { site: 'hpa', studies: 1, orphans: 0, mismatches: 0, share: 0 }
    ]);
  });
  test('what the modality announced, by MPPS before its own sending', async () => {
    const rows = await bench.panel('arrival', 'completeness', asked);
    expect(rows.find(({ site }) => site === 'troyes')).toMatchObject({
      studies: 5,
      told_by_modality: 1,
      told: 52,
      kept: 50,
      short_studies: 1
    });
  });
  test('a part of an answer is told, and nothing of a day that was not answered whole is a difference', async () => {
    const alone = { ...base('troyes', utc('14:10')), system: 'deepunity', study_date: '2026-11-22', study: uid(20), accession: 'A1', instances: 3, state: 'seen' }; // prettier-ignore
    await bench.insert('ops.census_study', [alone]);
    const [second] = (await bench.panel('arrival', 'reconciliation', asked)).filter(
      (row) => row['day'] === '2026-11-22'
    );
    expect(second).toMatchObject({ not_copied: 0, vna_count: null, archive_count: null });
    expect(await bench.panel('arrival', 'asked', asked)).toMatchObject([
      { system: 'deepunity', whole: 1, parts: 0 }, { system: 'pulsy', whole: 1, parts: 0 }, { system: 'vna', days: 2, whole: 1, parts: 1 }
    ]); // prettier-ignore
  });
  test('a deletion told is a missed one where a copy is left; days before the RIS was heard make no orphans', async () => {
    const kinds = async () =>
      Object.fromEntries(
        (await bench.panel('arrival', 'differences', asked)).map((row) => [row['difference'], row['studies']])
      );
    const copy = { ...base('troyes', utc('14:20')), system: 'vna', study_date: day, study: uid(30), accession: 'A1', instances: 3, state: 'seen' }; // prettier-ignore
    await bench.insert('ops.census_study', [copy]);
    const before = await kinds();
    expect(before['not-in-pacs']).toBe(1);
    const told = {
      ...base('troyes', utc('14:30')),
      system: 'deepunity',
      study: uid(30),
      reason: 'deleted',
      bytes: -1,
      instances: -3
    };
    await bench.insert('ops.study_volume', [told]);
    expect(await kinds()).toMatchObject({ 'missed-deletion': Number(before['missed-deletion']) + 1 });
    const early = { ...base('troyes', utc('14:20')), system: 'deepunity', study_date: '2026-11-21', study: uid(31), accession: 'ZZ', instances: 3, state: 'seen' }; // prettier-ignore
    await bench.insert('ops.census_study', [early]);
    expect((await kinds())['orphan']).toBe(before['orphan']);
  });
  test('another establishment’s studies are not shown', async () => {
    const mine = { ...asked, scope: ['ch-troyes'], sites: ['troyes'] };
    expect((await bench.panel('arrival', 'orders', mine)).map(({ site }) => site)).toEqual(['troyes']);
    expect((await bench.panel('arrival', 'total', mine))[0]).toMatchObject({ exams: 6 });
  });
});

/** A window of one day of Paris in winter. */
const dayOf = (date: string) => ({
  from: new Date(`${date}T00:00:00+01:00`),
  to: new Date(+new Date(`${date}T00:00:00+01:00`) + 86_400_000),
  now: new Date(+new Date(`${date}T00:00:00+01:00`) + 2 * 86_400_000)
});
const on = (date: string, clock: string) => `${date}T${clock}:00.000Z`;
const whole = (system: string, date: string) => ({
  ...base('', on(date, '14:00')), establishment: '', system, study_date: date, grain: 'day', studies: 1, complete: 1
}); // prettier-ignore
const shown = (system: string, date: string, study: string, more: object = {}) => ({
  ...base('troyes', on(date, '14:00')), system, study_date: date, modality: 'CT', study, accession: `N${study}`, instances: 10, state: 'seen', ...more
}); // prettier-ignore
const sent = (date: string, clock: string, study: string, more: object = {}) => ({
  ...base('troyes', on(date, clock)), observer: 'deepunity', authoritative: 1, service: 'C-STORE', to_system: 'deepunity', from_system: 'ct-1',
  study, modality: 'CT', instances: 10, bytes: 1000, status: 'success', ...more
}); // prettier-ignore
const ended = (date: string, study: string, more: object = {}) => ({
  ...base('troyes', on(date, '09:00')), milestone: 'ended', accession: `N${study}`, study, modality: 'CT', ...more
}); // prettier-ignore

test('a study is its site’s, whatever its copies tell of it: a director counts neither more nor less', async () => {
  const date = '2026-11-12';
  await bench.insert('ops.census', [whole('deepunity', date), whole('vna', date)]);
  await bench.insert('ops.census_study', [
    shown('deepunity', date, '9.1'),
    // The VNA tells no site of one, and another site of the other.
    shown('vna', date, '9.1', { site: '', establishment: '', occurred_at: on(date, '14:01') }),
    shown('deepunity', date, '9.2'),
    shown('vna', date, '9.2', { site: 'hpa', establishment: 'hpa', occurred_at: on(date, '14:01') })
  ]);
  const copies = (scope: string[], sites: string[]) =>
    bench.panel('arrival', 'copies', { ...dayOf(date), scope, sites });
  expect(await copies(['ch-troyes'], ['troyes'])).toMatchObject([
    { system: 'vna', studies: 2, waiting: 0, copied: 100 }
  ]);
  expect(await copies(['hpa'], ['hpa'])).toEqual([]);
});

test('images are counted once, by step, and without what others add to the study', async () => {
  const date = '2026-11-10';
  await bench.insert('ops.exam_event', [
    // Two steps; the first is told again, later and then earlier.
    ended(date, '8.1', { step: 'a', instances: 4, told_at: on(date, '09:05') }),
    ended(date, '8.1', { step: 'a', instances: 6, told_at: on(date, '09:10') }),
    ended(date, '8.1', { step: 'a', instances: 5, told_at: on(date, '09:07') }),
    ended(date, '8.1', { step: 'b', instances: 3, told_at: on(date, '09:06') }),
    ended(date, '8.2'),
    ended(date, '8.3')
  ]);
  await bench.insert('ops.transfer', [
    sent(date, '09:10', '8.1', { instances: 9 }),
    // The study of an exam that announced nothing, in two parts, again from a workstation, with a report of AI and a key note.
    sent(date, '09:04', '8.2', { instances: 6 }),
    sent(date, '09:06', '8.2', { instances: 4 }),
    sent(date, '09:50', '8.2', { from_system: '', calling_ae: 'WORKSTATION', instances: 10 }),
    sent(date, '09:30', '8.2', { from_system: 'ia', modality: 'SR', sop_class: '1.2.840.10008.5.1.4.1.1.88.33', instances: 1 }),
    sent(date, '09:40', '8.2', { from_system: '', calling_ae: 'WS', sop_class: '1.2.840.10008.5.1.4.1.1.88.59', instances: 1 }),
    sent(date, '09:08', '8.3', { instances: 12 })
  ]); // prettier-ignore
  await bench.insert('ops.census', [whole('deepunity', date)]);
  await bench.insert('ops.census_study', [
    shown('deepunity', date, '8.1', { instances: 9 }),
    shown('deepunity', date, '8.2'),
    shown('deepunity', date, '8.3', { instances: 11 })
  ]);
  expect(await bench.panel('arrival', 'completeness', dayOf(date))).toMatchObject([
    { site: 'troyes', studies: 3, told_by_modality: 1, told: 31, kept: 30, short_studies: 1 }
  ]);
  // 10, 6 and 8 minutes: what came later is no image of the exam, or came from another.
  expect((await bench.panel('arrival', 'total', dayOf(date)))[0]).toMatchObject({ exams: 3, p50: 8 * min, p95: 10 * min }); // prettier-ignore
});

test('what is told late makes its day again, and a year is read as a day is', async () => {
  const date = '2026-01-15';
  const year = { from: new Date('2025-12-01T00:00:00+01:00'), to: new Date('2026-12-01T00:00:00+01:00') };
  const before = await bench.panel('arrival', 'total', year);
  await bench.insert('ops.transfer', [sent(date, '09:07', '7.1')]);
  await bench.insert('ops.census', [whole('deepunity', date)]);
  await bench.insert('ops.census_study', [shown('deepunity', date, '7.1')]);
  const orders = async () => (await bench.panel('arrival', 'orders', dayOf(date)))[0];
  expect(await orders()).toBeUndefined();
  // The exam is told last of all, then moves to the next day, and back.
  await bench.insert('ops.exam_event', [ended(date, '7.1', { told_at: on(date, '15:00') })]);
  expect((await bench.panel('arrival', 'total', dayOf(date)))[0]).toMatchObject({ exams: 1, p50: 7 * min });
  const moved = { ...ended(date, '7.1'), occurred_at: on('2026-01-16', '09:00'), told_at: on(date, '16:00') };
  await bench.insert('ops.exam_event', [moved]);
  expect(await bench.panel('arrival', 'total', dayOf(date))).toEqual([]);
  await bench.insert('ops.exam_event', [{ ...moved, occurred_at: on(date, '09:01'), told_at: on(date, '17:00'), seq: ++seq }]); // prettier-ignore
  expect((await bench.panel('arrival', 'total', dayOf(date)))[0]).toMatchObject({ exams: 1, p50: 6 * min });
  expect((await bench.panel('arrival', 'total', year))[0]?.['exams']).toBe(Number(before[0]?.['exams']) + 1);
  await bench.insert('ops.census', [whole('deepunity', date)]);
  expect(await orders()).toMatchObject({ studies: 1, orphans: 0, mismatches: 0 });
  const days = (await bench.panel('arrival', 'reconciliation', year)).map((row) => row['day']);
  expect(days).toEqual(expect.arrayContaining([date, '2026-11-10', day]));
});
