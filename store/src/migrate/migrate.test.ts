import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { migrate, pending, readMigrations, type Migration } from './migrate.ts';
import { render, statements } from './render.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine({ migrate: false });
});
afterAll(() => engine.stop());

const migration = (number: number, sql = 'SELECT 1'): Migration => ({
  number,
  name: `m${number}`,
  sql,
  checksum: `c${sql}`
});

test('a first run applies everything, a second one nothing', async () => {
  expect(await migrate(engine.writer)).toHaveLength(readMigrations().length);
  expect(await migrate(engine.writer)).toEqual([]);
});

test('a run that was cut short is repeated', async () => {
  await engine.writer.command({ query: 'TRUNCATE TABLE vigie.migration' });
  expect(await migrate(engine.writer)).toHaveLength(readMigrations().length);
});

test('two runners never work at once, and a dead one is taken over on demand', async () => {
  await engine.writer.command({
    query: 'CREATE TABLE vigie.migrating (since DateTime64(3)) ENGINE = MergeTree ORDER BY tuple()'
  });
  await expect(migrate(engine.writer)).rejects.toThrow('Another migration is running');
  expect(await migrate(engine.writer, { staleLock: true })).toEqual([]);
});

test('a changed, missing or late migration is refused with what to do', () => {
  const applied = [{ number: 1, name: 'm1', checksum: 'cSELECT 1' }];
  expect(pending([migration(1), migration(2)], applied)).toEqual([migration(2)]);
  expect(() => pending([migration(1, 'SELECT 2')], applied)).toThrow(
    'has changed since it was applied: restore the file'
  );
  expect(() => pending([], applied)).toThrow('this version is older than the data');
  expect(() =>
    pending([migration(1), migration(2)], [{ number: 2, name: 'm2', checksum: 'cSELECT 1' }])
  ).toThrow('is older than 2');
});

test('statements are cut at line ends, comments left out', () => {
  expect(statements("-- a; b\nSELECT ';';\nSELECT 2;\n")).toEqual(["SELECT ';'", 'SELECT 2']);
});

test('on a cluster everything is replicated and made everywhere', () => {
  const layout = { kind: 'cluster', cluster: 'ght' } as const;
  expect(
    render(
      'CREATE TABLE IF NOT EXISTS a.t (x UInt8) ENGINE = MergeTree\nORDER BY x\nSETTINGS non_replicated_deduplication_window = 10',
      layout
    )
  ).toBe(
    "CREATE TABLE IF NOT EXISTS a.t ON CLUSTER 'ght' (x UInt8) ENGINE = ReplicatedMergeTree\nORDER BY x\nSETTINGS replicated_deduplication_window = 10"
  );
  for (const { sql } of readMigrations())
    for (const statement of statements(sql))
      if (!statement.startsWith('INSERT')) expect(render(statement, layout)).toContain("ON CLUSTER 'ght'");
});
