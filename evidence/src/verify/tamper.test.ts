import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { tables, type TableName } from '@vigie/schemas/tables';
import { startEvidenceLog, tamperEveryColumn, type EvidenceLog } from '@vigie/tools/testkit/evidence-log';
import { readHead } from '../head/head.ts';
import { readKeyRing } from '../key-ring.ts';
import type { Finding } from './finding.ts';
import { verifyEvidence, type VerifyOptions } from './verify.ts';

let log: EvidenceLog;
beforeAll(async () => {
  log = await startEvidenceLog(16);
});
afterAll(() => log?.stop());
afterEach(() => log.restore());

const verify = (options: Partial<VerifyOptions> = {}) =>
  verifyEvidence({
    store: log.engine.readerAddress,
    ring: readKeyRing(join(log.engine.dataFolder, 'keys')),
    jobs: 2,
    signal: new AbortController().signal,
    patienceMs: 0,
    ...options
  });
const vaultKey = () => readFileSync(join(log.engine.dataFolder, 'keys', 'vault.key'), 'utf8');

/** Code and place of each finding, in order. */
const told = (findings: readonly Finding[]) =>
  findings
    .map(({ code, lane, block, table, id }) =>
      [code, lane, block, table, id].filter((x) => x !== undefined).join(' ')
    )
    .toSorted();

interface Stored {
  readonly block: number;
  readonly last: number;
  readonly previous: number;
}
/** A block in the middle of the audit lane. */
async function middle(): Promise<Stored> {
  const rows = await log.engine.rows<{ block: number; last: number }>(
    `SELECT block, last_seq AS last FROM audit.block WHERE lane = 'audit' ORDER BY block`
  );
  return { ...rows[5]!, previous: rows[4]!.block };
}

test('a log that nobody touched is whole, at both levels', async () => {
  for (const key of [undefined, vaultKey()]) {
    const report = await verify({ vaultKey: key });
    expect(report.findings).toEqual([]);
    expect(report).toMatchObject({ good: true, level: key === undefined ? 1 : 2 });
    expect(report.chains.map(({ lane }) => lane)).toEqual(['audit', 'ops', 'own']);
    expect(report.chains.reduce((sum, { records }) => sum + records, 0)).toBeGreaterThanOrEqual(16 * 34);
    expect(report.notices.map(({ code }) => code)).toEqual(Array(3).fill('truncation-not-excluded'));
  }
});

describe('another value is found and its row named, in every column of', () => {
  for (const table of Object.keys(tables) as TableName[])
    test(table, async () => {
      const tampered = await tamperEveryColumn(log, table);
      const { findings, good } = await verify();
      expect(good).toBe(false);
      for (const { column, lane, block, seq } of tampered) {
        const here = findings.filter(
          (one) => one.table === table && one.lane === lane && one.block === block
        );
        const detail = `${table}.${column} of ${lane} ${block} ${seq}`;
        if (table === 'audit.block') {
          const code =
            { header: 'header-unreadable', signature: 'signature-wrong' }[column] ?? 'header-altered';
          const names = (one: Finding) => one.code === code && (column === 'header' || one.column === column);
          expect(here.some(names), detail).toBe(true);
          continue;
        }
        // A row that says it belongs elsewhere is missing here, and too much there.
        const moved = ['lane', 'collector', 'block'].includes(column);
        const code = moved ? 'row-missing' : 'row-altered';
        expect(
          here.some((one) => one.code === code),
          detail
        ).toBe(true);
        const named = moved || ['seq', 'sub'].includes(column) || !('seq' in tables[table]);
        if (!named)
          expect(
            here.map(({ id }) => id ?? ''),
            detail
          ).toContainEqual(expect.stringContaining(`c1-${lane}-${seq}`));
      }
    });
});

describe('a row is found and named when it is', () => {
  for (const table of Object.keys(tables).filter((name) => name !== 'audit.block'))
    test(`removed from ${table}, or added to it`, async () => {
      const [row] = await log.engine.rows<{ lane: string; block: number }>(
        `SELECT lane, block FROM ${table} ORDER BY lane, block LIMIT 1 OFFSET 3`
      );
      const { lane, block } = row!;
      const where = `lane = '${lane}' AND block = ${block}`;
      await log.run(`INSERT INTO ${table} SELECT * FROM ${table} WHERE ${where} LIMIT 1`);
      const added = (await verify()).findings;
      expect(told(added)).toEqual([
        expect.stringContaining(`row-added ${lane} ${block} ${table} c1-${lane}-`)
      ]);
      await log.restore();
      await log.run(`CREATE TABLE kept.one AS ${table}`);
      await log.run(`INSERT INTO kept.one SELECT * FROM ${table} WHERE ${where} LIMIT 1 OFFSET 1`);
      await log.run(`INSERT INTO kept.one SELECT * FROM ${table} WHERE ${where} LIMIT 1000 OFFSET 2`);
      const [left] = await log.engine.rows<{ n: number }>(`SELECT count() AS n FROM kept.one`);
      await log.run(`ALTER TABLE ${table} DELETE WHERE ${where}`);
      await log.run(`INSERT INTO ${table} SELECT * FROM kept.one`);
      await log.run(`DROP TABLE kept.one SYNC`);
      const removed = (await verify()).findings;
      expect(told(removed)).toEqual([`row-missing ${lane} ${block} ${table}`]);
      expect(removed[0]?.detail).toContain(`of ${(left?.n ?? 0) + 1}`);
    });
});

test('rows of two messages that changed places are named', async () => {
  const { block } = await middle();
  const swapped = `if(seq = ${block}, toUInt64(${block + 1}), if(seq = ${block + 1}, toUInt64(${block}), seq))`;
  await log.run(`TRUNCATE TABLE audit.event`);
  await log.run(`INSERT INTO audit.event SELECT * REPLACE (${swapped} AS seq) FROM kept.audit_event`);
  expect(told((await verify()).findings)).toEqual(
    [
      `row-altered audit ${block} audit.event c1-audit-${block + 1}-0`,
      `row-altered audit ${block} audit.event c1-audit-${block}-0`
    ].toSorted()
  );
});

describe('a block in the middle is named', () => {
  test('when its header is removed', async () => {
    const { block, last } = await middle();
    await log.run(`ALTER TABLE audit.block DELETE WHERE lane = 'audit' AND block = ${block}`);
    const found = told((await verify()).findings);
    expect(found).toContain(`block-missing audit ${last + 1}`);
    expect(found).toContain(`rows-without-block audit ${block} audit.event`);
  });

  test('when everything of it is removed', async () => {
    const { block, last } = await middle();
    for (const table of Object.keys(tables))
      await log.run(`ALTER TABLE ${table} DELETE WHERE lane = 'audit' AND block = ${block}`);
    const { findings } = await verify();
    expect(told(findings)).toEqual([`block-missing audit ${last + 1}`]);
    expect(findings[0]?.detail).toBe(`sequences ${block} to ${last}`);
  });

  test('when it changed places with the one before it', async () => {
    const { block, previous } = await middle();
    const swapped = `if(block = ${block}, toUInt64(${previous}), if(block = ${previous}, toUInt64(${block}), block))`;
    await log.run(`TRUNCATE TABLE audit.block`);
    await log.run(
      `INSERT INTO audit.block SELECT * REPLACE (if(lane = 'audit', ${swapped}, block) AS block) FROM kept.audit_block`
    );
    const found = (await verify()).findings;
    expect(found.map(({ code, column }) => `${code} ${column}`)).toEqual(
      Array(2).fill('header-altered block')
    );
    expect(found.map((one) => one.block).toSorted()).toEqual([previous, block].toSorted());
  });

  test('when its header is there twice', async () => {
    const { block } = await middle();
    await log.run(
      `INSERT INTO audit.block SELECT * FROM audit.block WHERE lane = 'audit' AND block = ${block}`
    );
    expect(told((await verify()).findings)).toEqual([`block-added audit ${block}`]);
  });

  test('when its header is signed by a key that is not known', async () => {
    const report = await verify({ ring: new Map() });
    expect(report.findings.every(({ code }) => code === 'key-unknown')).toBe(true);
    expect(report.found).toBe(report.chains.reduce((sum, { blocks }) => sum + blocks, 0));
  });
});

test('rows that name a block, a lane or a collector that is not there are found', async () => {
  await log.run(
    `INSERT INTO audit.event SELECT * REPLACE (toUInt64(900000) AS block) FROM audit.event WHERE lane = 'audit' LIMIT 1`
  );
  await log.run(`INSERT INTO ops.signal SELECT * REPLACE ('c7' AS collector) FROM ops.signal LIMIT 1`);
  expect(told((await verify()).findings)).toEqual([
    'rows-without-block audit 900000 audit.event',
    expect.stringMatching(/^rows-without-block own \d+ ops.signal$/)
  ]);
});

test('removal of the newest blocks shows against a head kept elsewhere, and is not excluded without', async () => {
  const head = await readHead(log.engine.reader, Date.now());
  expect((await verify({ head })).good).toBe(true);
  const [newest] = await log.engine.rows<{ block: number }>(
    `SELECT max(b.block) AS block FROM audit.block AS b WHERE lane = 'audit'`
  );
  for (const table of Object.keys(tables))
    await log.run(`ALTER TABLE ${table} DELETE WHERE lane = 'audit' AND block = ${newest?.block}`);
  const without = await verify();
  expect(without.good).toBe(true);
  expect(without.notices.map(({ code }) => code)).toContain('truncation-not-excluded');
  expect(told((await verify({ head })).findings)).toEqual([`truncated audit ${newest?.block}`]);
});

test('a period and a lane are verified apart, taken up in the middle of the chain', async () => {
  const { block, last } = await middle();
  const [row] = await log.engine.rows<{ at: number }>(
    `SELECT toUnixTimestamp64Milli(sealed_at) AS at FROM audit.block WHERE lane = 'audit' AND block = ${block}`
  );
  const options = { from: row?.at, to: (row?.at ?? 0) + 1, lanes: ['audit'] };
  const report = await verify(options);
  expect(report).toMatchObject({ good: true, chains: [{ lane: 'audit', blocks: 1, first: block, last }] });
  await log.run(`ALTER TABLE audit.event DELETE WHERE lane = 'audit' AND seq = ${last}`);
  await log.run(`ALTER TABLE audit.event DELETE WHERE lane = 'audit' AND seq = ${block}`);
  expect(told((await verify(options)).findings)).toEqual([`row-missing audit ${block} audit.event`]);
  expect((await verify({ ...options, lanes: ['own'] })).good).toBe(true);
});

test('a verification can be stopped at any moment, and says so', async () => {
  const stop = new AbortController();
  const report = await verify({ signal: stop.signal, progress: () => stop.abort() });
  expect(report).toMatchObject({ good: false, cancelled: true });
});
