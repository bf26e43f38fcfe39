import { readFileSync } from 'node:fs';
import { loadBoards } from '@vigie/dashboards/load';
import { parseConfig } from '@vigie/schemas';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runBoard } from '#lib/server/board/run.ts';
import type { ShownBoard } from '../shown.ts';
import { insertNinetyDays } from './ninety-days.ts';

const config = parseConfig(
  readFileSync(new URL('../../../../../vigie.yaml', import.meta.url), 'utf8'),
  'vigie.yaml'
);
// Monday to Monday, whole weeks: what is compared has the same weekdays.
const now = new Date('2026-11-23T00:00:00+01:00');
const period = { from: new Date('2026-10-26T00:00:00+01:00'), to: now };
let engine: TestEngine;
const shown = new Map<string, ShownBoard>();

beforeAll(async () => {
  engine = await startTestEngine();
  await insertNinetyDays(engine.writer, now);
  for (const board of loadBoards())
    shown.set(
      board.id,
      await runBoard(board, {
        client: engine.reader,
        config,
        reader: { role: 'dsi', scope: ['ch-troyes', 'hpa', 'gham', ''] },
        language: 'fr',
        period,
        sites: [],
        now,
        requestId: 'r',
        report: (panel, error) => {
          throw new Error(`${panel} failed`, { cause: error });
        }
      })
    );
});
afterAll(() => engine.stop());

const rows = (board: string, panel: string) =>
  shown.get(board)?.panels.find((one) => one.id === panel)?.rows ?? [];
const sum = (board: string, panel: string, column: string) =>
  rows(board, panel).reduce((total, row) => total + Number(row[column] ?? 0), 0);
const count = async (sql: string) =>
  Number((await engine.rows<{ n: number }>(`SELECT count() AS n FROM ${sql}`))[0]?.n);

test('on ninety days of a whole group, the parts of each report add up to its total and to the base rows', async () => {
  const exams = Number(rows('activity', 'total')[0]?.['exams']);
  const within = "occurred_at >= '2026-10-25 23:00:00' AND occurred_at < '2026-11-22 23:00:00'";
  expect(exams).toBe(await count(`ops.exam_event WHERE milestone = 'ended' AND ${within}`));
  for (const panel of ['by-day', 'by-modality', 'by-class', 'site-modality', 'by-hour'])
    expect(sum('activity', panel, 'exams'), panel).toBe(exams);
  const transfers = Number(rows('traffic', 'total')[0]?.['transfers']);
  expect(transfers).toBe(await count(`ops.transfer WHERE ${within}`));
  for (const panel of ['volume', 'pairs', 'reconcile'])
    expect(sum('traffic', panel, 'transfers'), panel).toBe(transfers);
  expect(sum('traffic', 'failures', 'failed')).toBe(rows('traffic', 'total')[0]?.['failed']);
});

test('the sites and the unallocated remainder together cost what the pools cost', async () => {
  const month = rows('storage', 'cost').filter((row) => row['month'] === '2026-10-01');
  expect(month.map((row) => row['site']).toSorted()).toEqual(['gham', 'hpa', 'troyes', '~unallocated']);
  const price = `transform((system, tier), [('deepunity', 'online'), ('deepunity', 'nearline'), ('vna', 'nearline'), ('pulsy', 'archive')], [62, 28, 24, 11.5], 0)`;
  const [pools] = await engine.rows<{ cost: number }>(
    `SELECT sum(u / 1e12 * ${price} / 31) AS cost FROM (SELECT day, system, tier, argMaxMerge(used) AS u FROM ops.storage_daily WHERE toYYYYMM(day) = 202610 GROUP BY day, system, pool, tier)`
  );
  expect(month.reduce((total, row) => total + Number(row['cost']), 0)).toBeCloseTo(Number(pools?.cost), 4);
});

test('the minutes of the outages are the budget spent', () => {
  for (const row of rows('sla', 'availability')) {
    const spent = rows('sla', 'outages')
      .filter(
        (one) =>
          one['objective'] === row['objective'] &&
          Date.parse(String(one['begins'])) >= Date.parse('2026-10-31T23:00:00Z')
      )
      .reduce((total, one) => total + Number(one['lasted']) / 60_000, 0);
    const allowed = (1 - Number(row['target']) / 100) * 720 * 60;
    expect(Number(row['left_minutes']), String(row['objective'])).toBeCloseTo(allowed - spent, 6);
  }
});
