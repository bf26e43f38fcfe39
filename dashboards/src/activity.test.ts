import { afterAll, beforeAll, expect, test } from 'vitest';
import { BoardBench } from './testkit.ts';

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
