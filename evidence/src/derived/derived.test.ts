import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEvidenceLog, type EvidenceLog } from '@vigie/tools/testkit/evidence-log';
import { readKeyRing } from '../key-ring.ts';
import { verifyEvidence } from '../verify/verify.ts';
import { derivedTables, type Derived } from './views.ts';

let log: EvidenceLog;
let tables: Derived[];
beforeAll(async () => {
  log = await startEvidenceLog(3);
  // Those that others are derived from come first.
  const found = await derivedTables(log.engine.reader);
  const isBase = ({ target }: Derived) => found.some(({ base }) => base === target);
  tables = found.toSorted((a, b) => Number(isBase(b)) - Number(isBase(a)));
  for (const { target } of tables) {
    await log.run(`CREATE TABLE ${keptName(target)} AS ${target}`);
    await log.run(`INSERT INTO ${keptName(target)} SELECT * FROM ${target}`);
    await log.run(`OPTIMIZE TABLE ${keptName(target)} FINAL`);
  }
});
afterAll(() => log?.stop());

const keptName = (target: string) => `kept.derived_${target.replace('.', '_')}`;
/** Puts every derived table back; one that fills another comes before it. */
async function restore(): Promise<void> {
  for (const { target } of tables) {
    await log.run(`TRUNCATE TABLE ${target}`);
    await log.run(`INSERT INTO ${target} SELECT * FROM ${keptName(target)}`);
  }
}

const verify = (period: { readonly from?: number; readonly to?: number } = {}) =>
  verifyEvidence({
    store: log.engine.readerAddress,
    ring: readKeyRing(join(log.engine.dataFolder, 'keys')),
    jobs: 1,
    signal: new AbortController().signal,
    patienceMs: 0,
    derived: true,
    ...period
  });
const told = async (period?: Parameters<typeof verify>[0]) =>
  (await verify(period)).findings.map(({ code, table, detail }) => `${code} ${table} ${detail}`);

test('every derived table is what its rows come to, over all and over a period', async () => {
  expect(tables.length).toBeGreaterThanOrEqual(10);
  expect(await told()).toEqual([]);
  expect(await told({ from: Date.now() - 3_600_000, to: Date.now() })).toEqual([]);
});

test('a row taken out of any derived table is found, and its table and day are named', async () => {
  for (const { target, bucket, whole } of tables) {
    const day = `toDate(${whole ? 'day' : (bucket?.column ?? 'received_at')})`;
    const kept = keptName(target);
    const [row] = await log.engine.rows<{ day: string; h: string }>(
      `SELECT toString(${day}) AS day, toString(cityHash64(*)) AS h FROM ${kept} LIMIT 1`
    );
    await log.run(`TRUNCATE TABLE ${target}`);
    await log.run(`INSERT INTO ${target} SELECT * FROM ${kept} WHERE cityHash64(*) != ${row?.h}`);
    expect(await told(), target).toContainEqual(
      expect.stringContaining(`derived-differs ${target} ${row?.day}: `)
    );
    await restore();
  }
  expect(await told()).toEqual([]);
}, 600_000);

test('another value in a sum is found, though the number of its rows is right', async () => {
  await log.run(`ALTER TABLE audit.event_hourly UPDATE events = events + 1 WHERE lane = 'audit'`);
  const found = await told();
  expect(found.some((one) => /audit\.event_hourly .* rows, of other values/.test(one))).toBe(true);
  await log.run(`ALTER TABLE audit.event_hourly UPDATE events = events - 1 WHERE lane = 'audit'`);
  expect(await told()).toEqual([]);
}, 120_000);

test('a sum of a day that no row tells of is found, over all and over a period without an end', async () => {
  const day = '2026-11-30';
  await log.run(
    `INSERT INTO ops.exam_daily (day, site, milestone, events) VALUES ('${day}', 'troyes', 'ended', 3)`
  );
  const stray = expect.stringContaining(`derived-differs ops.exam_daily ${day}: 1 rows of 0`);
  expect(await told()).toContainEqual(stray);
  expect(await told({ from: Date.parse('2026-11-01T00:00:00Z') })).toContainEqual(stray);
  await log.run(`ALTER TABLE ops.exam_daily DELETE WHERE day = '${day}'`);
}, 120_000);

test('where the base rows themselves are at fault, what is derived of them is not told beside', async () => {
  await log.run(`ALTER TABLE ops.transfer DELETE WHERE seq IN (SELECT min(seq) FROM ops.transfer)`);
  const codes = new Set((await verify()).findings.map(({ code }) => code));
  expect([...codes]).toEqual(['row-missing']);
  await log.restore();
}, 120_000);
