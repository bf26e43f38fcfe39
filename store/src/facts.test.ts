import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tables } from '@vigie/schemas/tables';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { clickhouseErrorCode } from './client.ts';
import { insertBinary } from './insert.ts';
import { structure, structureFile } from './migrate/structure.ts';

/*
 * One test per fact about the engine that the design rests on; they break silently otherwise. Facts about speed (14, 15) are
 * held by the benchmarks.
 */
let engine: TestEngine;
let serial = 0;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());

const windowed = 'SETTINGS non_replicated_deduplication_window = 100';
async function table(columns: string, settings: string, order = 'a'): Promise<string> {
  const name = `facts_${++serial}`;
  await engine.writer.command({
    query: `CREATE TABLE ${name} (${columns}) ENGINE = MergeTree ORDER BY ${order} ${settings}`
  });
  return name;
}
const insert = (name: string, values: unknown[], settings: Record<string, string | number> = {}) =>
  engine.writer.insert({ table: name, values, format: 'JSONEachRow', clickhouse_settings: settings });
const count = async (name: string) =>
  (await engine.rows<{ n: number }>(`SELECT count() AS n FROM ${name}`))[0]?.n;
async function codeOf(work: Promise<unknown>): Promise<number | undefined> {
  try {
    await work;
  } catch (error) {
    return clickhouseErrorCode(error);
  }
  throw new Error('it was accepted');
}

test('1: without a window in the table a token is silently ignored', async () => {
  const bare = await table('a UInt8', '');
  const kept = await table('a UInt8', windowed);
  for (const name of [bare, kept])
    for (let i = 0; i < 2; i++) await insert(name, [{ a: 1 }], { insert_deduplication_token: 't' });
  expect([await count(bare), await count(kept)]).toEqual([2, 1]);
});

test('2: rollups count a block once only with the setting pinned and a window of their own', async () => {
  const base = await table('a UInt8', windowed);
  const rollup = async (settings: string) => {
    const target = `facts_${++serial}`;
    await engine.writer.command({
      query: `CREATE TABLE ${target} (n UInt64) ENGINE = SummingMergeTree ORDER BY tuple() ${settings}`
    });
    await engine.writer.command({
      query: `CREATE MATERIALIZED VIEW ${target}_mv TO ${target} AS SELECT count() AS n FROM ${base}`
    });
    return target;
  };
  const [bare, kept] = [await rollup(''), await rollup(windowed)];
  for (let i = 0; i < 3; i++) await insert(base, [{ a: 1 }], { insert_deduplication_token: 't' });
  const sum = async (name: string) =>
    (await engine.rows<{ s: number }>(`SELECT sum(n) AS s FROM ${name}`))[0]?.s;
  expect(await count(base)).toBe(1);
  expect(await sum(kept)).toBe(1);
  expect(await sum(bare)).toBeGreaterThanOrEqual(1);
});

test('3: with a window and no token an identical legitimate block is dropped', async () => {
  const name = await table('a UInt8', windowed);
  for (let i = 0; i < 2; i++) await insert(name, [{ a: 1 }]);
  expect(await count(name)).toBe(1);
});

test('4: other rows under a known token are dropped', async () => {
  const name = await table('a UInt8', windowed);
  await insert(name, [{ a: 1 }], { insert_deduplication_token: 't' });
  await insert(name, [{ a: 2 }], { insert_deduplication_token: 't' });
  expect(await engine.rows(`SELECT a FROM ${name}`)).toEqual([{ a: 1 }]);
});

test('5: the window forgets the oldest block', async () => {
  const name = await table('a UInt8', 'SETTINGS non_replicated_deduplication_window = 2');
  for (const token of ['x', 'y', 'z', 'x'])
    await insert(name, [{ a: 1 }], { insert_deduplication_token: token });
  expect(await count(name)).toBe(4);
});

test('6: an integer that does not fit is stored as another', async () => {
  const name = await table('a UInt32', '');
  await insert(name, [{ a: 5e9 }]);
  expect(await engine.rows(`SELECT a FROM ${name}`)).toEqual([{ a: 705032704 }]);
});

test('7: an unknown JSON field is refused, since the writer pins it', async () => {
  const name = await table('a UInt8', '');
  expect(await codeOf(insert(name, [{ a: 1, b: 2 }]))).toBe(117);
  await insert(name, [{ a: 1, b: 2 }], { input_format_skip_unknown_fields: 1 });
  expect(await count(name)).toBe(1);
});

test('8: async_insert is on by default, and the writer turns it off', async () => {
  const query = "SELECT value FROM system.settings WHERE name = 'async_insert'";
  expect(await engine.rows(query)).toEqual([{ value: '0' }]);
  const result = await engine.reader.query({ query, format: 'JSONEachRow' });
  expect(await result.json()).toEqual([{ value: '1' }]);
});

test('9: one bad row fails the whole insert and is named', async () => {
  const name = await table('a UInt8, d DateTime', '');
  const rows = [
    { a: 1, d: '2026-01-01 00:00:00' },
    { a: 2, d: 'never' }
  ];
  await expect(insert(name, rows)).rejects.toThrow(/at row 2/);
  expect(await count(name)).toBe(0);
});

test('10: a ReplacingMergeTree takes projections only with the rebuild mode', async () => {
  const create = (settings: string) =>
    engine.writer.command({
      query: `CREATE TABLE facts_${++serial} (a UInt8, PROJECTION p (SELECT a ORDER BY a)) ENGINE = ReplacingMergeTree ORDER BY a ${settings}`
    });
  expect(await codeOf(create(''))).toBeDefined();
  await create("SETTINGS deduplicate_merge_projection_mode = 'rebuild'");
});

test('11: what one query sets does not stick to the sessions behind the interface', async () => {
  await engine.writer.query({ query: 'SELECT 1', clickhouse_settings: { readonly: '1' } });
  const name = await table('a UInt8', '');
  for (let i = 0; i < 6; i++) await insert(name, [{ a: i }]);
  expect(await count(name)).toBe(6);
});

test('12: many result streams at once are served by the pool', async () => {
  const ask = async () =>
    (
      await engine.reader.query({ query: 'SELECT count() AS n FROM numbers(100000)', format: 'JSONEachRow' })
    ).json();
  const answers = await Promise.all(Array.from({ length: 24 }, ask));
  expect(answers.flat()).toEqual(Array(24).fill({ n: 100000 }));
});

test('13: the engine has no users of its own: tokens are mapped to roles by us', async () => {
  expect(await codeOf(engine.writer.command({ query: "CREATE USER u IDENTIFIED BY 'x'" }))).toBeDefined();
});

test('14: an insert is answered while a long query runs', async () => {
  const name = await table('a UInt8', '');
  const long = engine.reader.query({
    query: 'SELECT sleepEachRow(0.1) FROM numbers(20)',
    clickhouse_settings: { max_block_size: '1' },
    format: 'JSONEachRow'
  });
  let done = false;
  const finished = long.then((result) => result.json()).then(() => (done = true));
  await insert(name, [{ a: 1 }]);
  expect([await count(name), done]).toEqual([1, false]);
  await finished;
});

test('15: a Bloom filter is used to skip granules', async () => {
  const name = await table(
    'a UInt64, p String, INDEX i p TYPE bloom_filter GRANULARITY 1',
    'SETTINGS index_granularity = 1024'
  );
  await engine.writer.command({
    query: `INSERT INTO ${name} SELECT number, hex(cityHash64(number)) FROM numbers(100000)`
  });
  const plan = await engine.rows<{ explain: string }>(
    `EXPLAIN indexes = 1 SELECT count() FROM ${name} WHERE p = hex(cityHash64(5))`
  );
  expect(plan.map(({ explain }) => explain).join('\n')).toMatch(/Skip[\s\S]*Granules: [1-5]\/98/);
});

test('16: the sequence takes far less room than a random id', async () => {
  const name = await table(
    's UInt64 CODEC(Delta, ZSTD(1)), u UUID',
    'SETTINGS min_bytes_for_wide_part = 0',
    's'
  );
  await engine.writer.command({
    query: `INSERT INTO ${name} SELECT number, generateUUIDv4() FROM numbers(100000)`
  });
  const sizes = await engine.rows<{ name: string; bytes: number }>(
    `SELECT name, data_compressed_bytes AS bytes FROM system.columns WHERE table = '${name}' ORDER BY name`
  );
  const bytes = Object.fromEntries(sizes.map((one) => [one.name, one.bytes]));
  expect((bytes['u'] ?? 0) / (bytes['s'] ?? 1)).toBeGreaterThan(20);
});

test('17: fsync after insert is a setting of tables, off by default; every table of ours pins it', async () => {
  const bare = await table('a UInt8', '');
  expect(await codeOf(engine.writer.query({ query: `SELECT 1 SETTINGS fsync_after_insert = 1` }))).toBe(115);
  const unsafe = await engine.rows<{ t: string }>(
    `SELECT database || '.' || name AS t FROM system.tables WHERE engine LIKE '%MergeTree' AND NOT position(create_table_query, 'fsync_after_insert = 1') > 0`
  );
  expect(unsafe.map(({ t }) => t).filter((t) => /^(audit|ops|vault|vigie)\./.test(t))).toEqual([]);
  expect(unsafe.map(({ t }) => t)).toContain(`default.${bare}`);
});

test('18: binary data that ends in white space is kept whole', async () => {
  const name = await table('s String', '', 's');
  await insertBinary(engine.writer, {
    table: name,
    columns: ['s'],
    format: 'RowBinary',
    body: Buffer.from([3, 0x20, 0x09, 0x0a]),
    token: 'x'
  });
  expect(await engine.rows(`SELECT length(s) AS l FROM ${name}`)).toEqual([{ l: 3 }]);
});

test('the columns the collector encodes are those of the engine, in order', async () => {
  const found = await engine.rows<{ t: string; name: string; type: string }>(
    `SELECT database || '.' || table AS t, name, type FROM system.columns WHERE database IN ('audit', 'ops', 'vault') ORDER BY t, position`
  );
  for (const [name, columns] of Object.entries(tables))
    expect(found.filter(({ t }) => t === name).map((one) => [one.name, one.type])).toEqual(
      Object.entries(columns)
    );
});

test('structure.sql is what the migrations make', async () => {
  expect(readFileSync(structureFile, 'utf8')).toBe(await structure(engine.writer));
});
