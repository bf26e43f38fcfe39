import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertBinary } from '@vigie/store';
import { tables, type Columns } from '@vigie/schemas/tables';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { valueOf } from '@vigie/tools/testkit/column-values';
import { nativeBlock } from './native.ts';
import { RowEncoder } from './row-binary.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(async () => {
  await engine?.stop();
});

/** The rows of a table as ClickHouse has them, in RowBinary, in the order of `order`. */
async function stored(table: string, columns: readonly string[], order: string): Promise<Buffer> {
  const { url, username, password } = engine.writerAddress;
  const body = `SELECT ${columns.map((name) => `\`${name}\``).join(', ')} FROM ${table} ORDER BY ${order} FORMAT RowBinary`;
  const headers = { 'X-ClickHouse-User': username, 'X-ClickHouse-Key': password };
  const response = await fetch(url, { method: 'POST', body, headers });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

const types = [
  ...new Set(Object.values(tables).flatMap((columns) => Object.values(columns as Columns)))
].toSorted();

describe('rows of every type arrive as they were signed, cut anywhere', () => {
  for (const type of types)
    test(type, async () => {
      const table = `audit.t${types.indexOf(type)}`;
      await engine.writer.command({
        query: `CREATE TABLE ${table} (n UInt32, value ${type}) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 10`
      });
      const columns = { n: 'UInt32', value: type };
      const encoder = new RowEncoder(columns);
      const values = fc.sample(valueOf(type), { numRuns: 700, seed: 11 });
      values.forEach((value, n) => encoder.add({ n, value }));
      const { body, offsets } = encoder.finish();
      for (const [from, to] of [
        [0, 1],
        [1, 1],
        [1, 600],
        [600, 700]
      ] as const)
        // prettier-ignore
        await insertBinary(engine.writer, {
          table,
          columns: ['n', 'value'],
          format: 'Native',
          body: nativeBlock({ columns, body, offsets }, from, to),
          token: `${from}`
        });
      expect((await stored(table, ['n', 'value'], 'n')).equals(body)).toBe(true);
    });
});

test('more distinct texts than an index of one or two bytes can name', async () => {
  await engine.writer.command({
    query: `CREATE TABLE audit.many (n UInt32, value LowCardinality(String), list Array(LowCardinality(String))) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 10`
  });
  const columns = { n: 'UInt32', value: 'LowCardinality(String)', list: 'Array(LowCardinality(String))' };
  for (const [distinct, from] of [
    [256, 0],
    [257, 1000],
    [65_536, 2000],
    [70_000, 100_000]
  ] as const) {
    // prettier-ignore
    const encoder = new RowEncoder(columns);
    for (let n = 0; n < distinct; n++)
      encoder.add({ n: from + n, value: `v${n}`, list: n % 3 === 0 ? [`w${n}`, '', `w${n}`] : [] });
    const { body, offsets } = encoder.finish();
    const native = nativeBlock({ columns, body, offsets }, 0, distinct);
    await insertBinary(engine.writer, {
      table: 'audit.many',
      columns: Object.keys(columns),
      format: 'Native',
      body: native,
      token: `${distinct}`
    });
    const back = await stored(
      `(SELECT * FROM audit.many WHERE n >= ${from} AND n < ${from + distinct})`,
      Object.keys(columns),
      'n'
    );
    expect(back.equals(body)).toBe(true);
  }
});
