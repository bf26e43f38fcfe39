import { afterAll, beforeAll, expect, test } from 'vitest';
import { BoardBench, panelOf } from './testkit.ts';

let bench: BoardBench;
let seq = 0;
const exam = (
  occurred_at: string,
  milestone: string,
  accession: string,
  more: Record<string, unknown> = {}
): Record<string, unknown> => ({
  lane: 'ops',
  collector: 'c1',
  seq: ++seq,
  received_at: occurred_at,
  retention: 'ops',
  source: 'ris',
  site: 'troyes',
  establishment: 'ch-troyes',
  modality: 'CT',
  occurred_at,
  milestone,
  accession,
  ...more
});
const hpa = { site: 'hpa', establishment: 'hpa' };

beforeAll(async () => {
  bench = await BoardBench.start();
  await bench.insert('ops.exam_event', [
    // Either side of midnight in Paris, and a correction that repeats an exam.
    exam('2026-11-02T22:59:59Z', 'ended', 'A1'),
    exam('2026-11-02T23:00:00Z', 'ended', 'A2'),
    exam('2026-11-02T23:00:05Z', 'ended', 'A2'),
    exam('2026-11-10T09:00:00Z', 'ended', 'A3', { ...hpa, modality: 'MR' }),
    // Another establishment, outside the reader's scope.
    exam('2026-11-10T09:00:00Z', 'ended', 'A4', { site: 'gham', establishment: 'gham' }),
    // Today, unfinished; and the same weeks before.
    exam('2026-11-24T06:00:00Z', 'ended', 'A5'),
    // The first one ever counted.
    exam('2026-09-20T09:00:00Z', 'ended', 'B0'),
    exam('2026-10-05T09:00:00Z', 'ended', 'B1'),
    exam('2026-10-06T09:00:00Z', 'ended', 'B2'),
    // Orders and signatures: A1 read at home in 1 h, A3 read by Troyes in 3 h, A2 not read.
    exam('2026-11-01T22:59:59Z', 'ordered', 'A1'),
    exam('2026-11-02T23:59:59Z', 'signed', 'A1', { actor_site: 'troyes' }),
    exam('2026-11-10T12:00:00Z', 'signed', 'A3', { ...hpa, modality: 'MR', actor_site: 'troyes' }),
    exam('2026-11-12T12:00:00Z', 'cancelled', 'A9')
  ]);
});
afterAll(() => bench.engine.stop());

test('an exam counts once, on its Paris day, within the scope', async () => {
  expect(await bench.panel('activity', 'by-day')).toEqual([
    { day: '2026-11-02', site: 'troyes', exams: 1 },
    { day: '2026-11-03', site: 'troyes', exams: 1 },
    { day: '2026-11-10', site: 'hpa', exams: 1 },
    { day: '2026-11-24', site: 'troyes', exams: 1 }
  ]);
});

test('the total compares finished days with the period before, and not today', async () => {
  const [total] = await bench.panel('activity', 'total');
  expect(total).toMatchObject({
    exams: 4,
    exams_complete: 3,
    exams_before: 2,
    change: 50,
    sites: 2,
    cross_share: 50,
    course: 'more'
  });
});

test('without an earlier period nothing is compared', async () => {
  const before = { before_from: new Date('2026-01-01'), before_to: new Date('2026-01-24') };
  const [total] = await bench.panel('activity', 'total', before);
  expect(total).toMatchObject({ exams_before: null, change: null, course: 'alone' });
});

test('a period that began before anything was counted is no comparison', async () => {
  const before = {
    before_from: new Date('2026-10-05T22:00:00Z'),
    before_to: new Date('2026-10-24T22:00:00Z')
  };
  expect((await bench.panel('activity', 'total', before))[0]).toMatchObject({ exams_before: 1, change: 200 });
  const early = { ...before, before_from: new Date('2026-09-18T22:00:00Z') };
  expect((await bench.panel('activity', 'total', early))[0]).toMatchObject({
    exams_before: null,
    change: null
  });
});

test('a chosen site narrows every panel', async () => {
  expect(await bench.panel('activity', 'site-modality', { sites: ['hpa'] })).toEqual([
    { site: 'hpa', modality: 'MR', exams: 1 }
  ]);
});

test('readers are counted from the site of the exam to that of the signer', async () => {
  expect(await bench.panel('activity', 'readers')).toEqual([
    { site: 'hpa', actor_site: 'troyes', exams: 1 },
    { site: 'troyes', actor_site: 'troyes', exams: 1 }
  ]);
});

test('hours are those of Paris, and the doubled hour of October counts in one cell', async () => {
  await bench.insert('ops.exam_event', [
    exam('2026-10-25T00:30:00Z', 'ended', 'D1'),
    exam('2026-10-25T01:30:00Z', 'ended', 'D2')
  ]);
  const window = { from: new Date('2026-10-24T22:00:00Z'), to: new Date('2026-10-25T23:00:00Z') };
  expect(await bench.panel('activity', 'by-hour', window)).toEqual([{ weekday: 7, hour: 2, exams: 2 }]);
  expect(await bench.panel('activity', 'by-day', window)).toEqual([
    { day: '2026-10-25', site: 'troyes', exams: 2 }
  ]);
});

test('the monthly report counts the exams that the Activity page counts, corrected or not', async () => {
  const month = {
    from: new Date('2026-11-01T00:00:00+01:00'),
    to: new Date('2026-12-01T00:00:00+01:00'),
    complete: new Date('2026-11-24T00:00:00+01:00')
  };
  // An exam that a later message moves to another day and site: the messages tell two, the exam is one.
  await bench.insert('ops.exam_event', [
    exam('2026-11-11T09:00:00Z', 'ended', 'M1'),
    exam('2026-11-12T09:00:00Z', 'ended', 'M1', hpa),
    exam('2026-10-13T09:00:00Z', 'ended', 'M2')
  ]);
  const rows = await bench.panel('reports', 'sites', month);
  const seen = await bench.panel('activity', 'by-site', month);
  const counts = (of: typeof rows, column: string) =>
    Object.fromEntries(of.map((row) => [row['site'], row[column]]));
  expect(counts(rows, 'ended')).toEqual(counts(seen, 'exams'));
  expect(counts(rows, 'ended')).toMatchObject({ troyes: 2, hpa: 2 });
  expect(counts(rows, 'last_month')).toMatchObject({ troyes: 3 });
  const cells = await bench.panel('reports', 'modalities', month);
  expect(cells.reduce((sum, row) => sum + Number(row['ended']), 0)).toBe(4);
});

test('requests to read elsewhere have rows of their own, by their answer', async () => {
  const asked = (n: number, answer?: string) => [
    exam('2026-11-13T09:00:00Z', 'ended', `T${n}`),
    exam('2026-11-13T09:10:00Z', 'requested-elsewhere', `T${n}`),
    ...(answer === undefined ? [] : [exam('2026-11-13T09:30:00Z', answer, `T${n}`)])
  ];
  await bench.insert('ops.exam_event', [
    ...asked(1, 'accepted-elsewhere'),
    ...asked(2, 'refused-elsewhere'),
    ...asked(3)
  ]);
  expect(await bench.panel('activity', 'teleradiology')).toMatchObject([
    { site: 'troyes', asked: 3, accepted: 1, refused: 1, refused_share: 50, accepted_ms: 1_200_000 }
  ]);
  const panel = panelOf('activity', 'teleradiology');
  const rows = async (answer: string) =>
    (await bench.ask(panel.rows?.sql ?? '', {}, { site: 'troyes', answer })).map((row) => row['accession']);
  expect((await rows('*')).toSorted()).toEqual(['T1', 'T2', 'T3']);
  expect(await rows('accepted')).toEqual(['T1']);
  expect(await rows('refused')).toEqual(['T2']);
  expect(panel.columns.find(({ name }) => name === 'refused')?.rows).toEqual({ answer: 'refused' });
});
