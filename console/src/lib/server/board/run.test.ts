import { readFileSync } from 'node:fs';
import { loadBoards } from '@vigie/dashboards/load';
import { parseConfig } from '@vigie/schemas';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chosenSites } from './parameters.ts';
import { ask, runBoard, type BoardRun } from './run.ts';

const config = parseConfig(
  readFileSync(new URL('../../../../../vigie.yaml', import.meta.url), 'utf8'),
  'vigie.yaml'
);
const boards = new Map(loadBoards().map((board) => [board.id, board]));
const activity = boards.get('activity');
if (activity === undefined) throw new Error('no board activity');
const now = new Date('2026-11-24T08:05:00+01:00');
let engine: TestEngine;
const run = (changed: Partial<BoardRun> = {}): BoardRun => ({
  client: engine.reader,
  config,
  now,
  reader: { role: 'dsi', scope: ['ch-troyes', 'hpa', 'gham', ''] },
  language: 'fr',
  period: { from: new Date('2026-11-01T00:00:00+01:00'), to: now },
  sites: [],
  requestId: 'request-1',
  report: () => undefined,
  ...changed
});

beforeAll(async () => {
  engine = await startTestEngine();
  const at = '2026-11-10T09:00:00Z';
  const exam = (n: number, site: string, establishment: string) => ({
    lane: 'ops', collector: 'c1', seq: n, received_at: at, occurred_at: at, retention: 'ops', source: 'ris',
    site, establishment, milestone: 'ended', modality: 'CT', accession: `A${n}`, patient_class: 'inpatient'
  }); // prettier-ignore
  await engine.writer.insert({
    table: 'ops.exam_event',
    format: 'JSONEachRow',
    values: [
      ...Array.from({ length: 12 }, (_, n) => exam(n, 'troyes', 'ch-troyes')),
      ...Array.from({ length: 10 }, (_, n) => exam(100 + n, 'hpa', 'hpa'))
    ]
  });
});
afterAll(() => engine.stop());

test('every board answers on real tables, in both languages, and says so in one line', async () => {
  for (const board of boards.values())
    for (const language of ['fr', 'en'] as const) {
      const failures: string[] = [];
      const shown = await runBoard(
        board,
        run({ language, report: (panel, error) => failures.push(`${panel}: ${String(error)}`) })
      );
      expect(failures).toEqual([]);
      expect(shown.headline).not.toBe('');
      expect(JSON.stringify(shown)).not.toContain('SELECT');
    }
});

test('the headline is made from the rows', async () => {
  expect((await runBoard(activity, run())).headline).toBe('22 examens terminés sur la période');
  expect((await runBoard(activity, run({ language: 'en', sites: ['troyes'] }))).headline).toBe(
    '12 exams ended in the period'
  );
});

test('a reader sees the rows of their establishments alone', async () => {
  const shown = await runBoard(activity, run({ reader: { role: 'dsi', scope: ['hpa'] }, sites: ['troyes'] }));
  const days = shown.panels.find((panel) => panel.id === 'by-day');
  expect(days?.rows).toEqual([{ day: '2026-11-10', site: 'hpa', exams: 10 }]);
  expect(chosenSites(config, { scope: ['hpa'], sites: ['troyes'] })).toEqual(['hpa']);
});

test('small groups are withheld from a director before anything is made of them, and not from the DSI', async () => {
  const matrix = async (role: 'dsi' | 'direction') =>
    (await runBoard(activity, run({ reader: { role, scope: ['ch-troyes', 'hpa', ''] } }))).panels.find(
      (panel) => panel.id === 'site-modality'
    );
  const mine = await matrix('direction');
  expect(mine?.rows).toEqual([
    { site: 'hpa', modality: 'CT', exams: null },
    { site: 'troyes', modality: 'CT', exams: null }
  ]);
  // The total is known: the one that is large is withheld with the one that is small.
  expect(mine?.withheld).toEqual({ '0.exams': 11, '1.exams': 11 });
  expect(mine?.sentence).toBeUndefined();
  expect((await matrix('dsi'))?.rows[0]).toMatchObject({ exams: 10 });
});

test('one panel that fails is marked with the request’s id, and the others stand', async () => {
  const reported: string[] = [];
  const broken = {
    ...activity,
    panels: activity.panels.map((panel) =>
      panel.id === 'by-day' ? { ...panel, sql: panel.sql.replace('ops.exam FINAL', 'ops.nothing') } : panel
    )
  };
  const shown = await runBoard(broken, run({ report: (panel) => reported.push(panel) }));
  expect(reported).toEqual(['activity/by-day']);
  expect(
    shown.panels.filter((panel) => panel.failed !== undefined).map((panel) => [panel.id, panel.failed])
  ).toEqual([['by-day', 'request-1']]);
  expect(shown.headline).toContain('22 examens');
});

test('the rows behind a panel keep to the scope, whatever the address asks', async () => {
  const panel = activity.panels.find((one) => one.id === 'by-day');
  if (panel?.rows === undefined) throw new Error('no rows');
  const all = Object.fromEntries(panel.rows.by.map((name) => [name, '*']));
  const rows = (scope: string[], site: string) =>
    ask(activity, panel, panel.rows?.sql ?? '', { ...all, site }, run({ reader: { role: 'dsi', scope } }));
  expect(await rows(['hpa'], '*')).toHaveLength(10);
  expect(await rows(['hpa'], 'troyes')).toEqual([]);
  expect(await rows(['hpa'], "x' OR '1'='1")).toEqual([]);
});
