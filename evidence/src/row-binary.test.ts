import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertBinary } from '@vigie/store';
import { tables, type Columns } from '@vigie/schemas/tables';
import { valueOf } from '@vigie/tools/testkit/column-values';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { RowEncoder, RowValueError } from './row-binary.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine({ migrate: false });
  await engine.writer.command({ query: 'CREATE DATABASE trip' });
});
afterAll(async () => {
  await engine?.stop();
});

const types = [
  ...new Set(Object.values(tables).flatMap((columns) => Object.values(columns as Columns)))
].toSorted();

async function selected(table: string): Promise<Buffer> {
  const { url, username, password } = engine.writerAddress;
  const headers = { 'X-ClickHouse-User': username, 'X-ClickHouse-Key': password };
  const body = `SELECT * EXCEPT (n) FROM ${table} ORDER BY n FORMAT RowBinary`;
  const response = await fetch(url, { method: 'POST', body, headers });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

describe('what is encoded comes back from the engine byte for byte', () => {
  for (const type of types)
    test(type, async () => {
      const table = `trip.t${types.indexOf(type)}`;
      await engine.writer.command({
        query: `CREATE TABLE ${table} (n UInt32, value ${type}) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 10`
      });
      const rows = fc.sample(valueOf(type), { numRuns: 300, seed: 7 });
      const numbered = new RowEncoder({ n: 'UInt32', value: type });
      const bare = new RowEncoder({ value: type });
      rows.forEach((value, n) => {
        numbered.add({ n, value });
        bare.add({ value });
      });
      const { body, offsets } = numbered.finish();
      expect(offsets.length).toBe(rows.length + 1);
      await insertBinary(engine.writer, {
        table,
        columns: ['n', 'value'],
        format: 'RowBinary',
        body,
        token: type
      });
      expect((await selected(table)).equals(bare.finish().body)).toBe(true);
    });
});

describe('what would be stored as something else is refused by name', () => {
  const wrong: [string, unknown][] = [
    ['UInt8', 256],
    ['UInt8', -1],
    ['UInt8', 1.5],
    ['UInt16', 65_536],
    ['UInt32', 5e9],
    ['UInt64', 2 ** 53],
    ['UInt64', -1],
    ['UInt64', 2n ** 64n],
    ['Int32', 2 ** 31],
    ['Int64', 2n ** 63n],
    ['UInt32', Number.NaN],
    ['UInt32', '1'],
    ['String', 1],
    ['String', undefined],
    ['LowCardinality(String)', null],
    ['FixedString(16)', Buffer.alloc(15)],
    ['Array(String)', 'a'],
    ['Array(UInt8)', [1, 256]],
    ['Nullable(UInt32)', undefined],
    ["DateTime('UTC')", -1],
    ["DateTime('UTC')", 2 ** 32 * 1000],
    ["DateTime64(3, 'UTC')", 10_413_792_000_000]
  ];
  for (const [type, value] of wrong)
    test(`${type} given ${typeof value === 'bigint' ? `${value}n` : JSON.stringify(value)}`, () => {
      const encoder = new RowEncoder({ good: 'String', column: type });
      encoder.add({ good: 'a', column: fc.sample(valueOf(type), { numRuns: 1, seed: 1 })[0] });
      expect(() => encoder.add({ good: 'x', column: value })).toThrow(RowValueError);
      expect(() => encoder.add({ good: 'x', column: value })).toThrow(/^the value of column does not fit /);
      expect(encoder.finish().offsets.length).toBe(2);
    });
});
