import { tables, type Columns } from '@vigie/schemas/tables';
import { rowLeaf } from '@vigie/evidence/header';
import type { Digest } from '@vigie/evidence/merkle';
import { rowOrders, type EvidenceTable } from '@vigie/evidence/row-order';
import type { ClickHouseClient } from '@vigie/store';
import type { Chain } from './blocks.ts';

/** One row of a block as its root commits to it. */
export interface StoredRow {
  /** The row in RowBinary, columns of `tables`. */
  readonly bytes: Buffer;
  readonly leaf: Digest;
  /** Whether the condition asked for holds. */
  readonly marked: boolean;
}

/**
 * Rows of a block in the order of its root.
 * @param condition SQL over the columns of the table, with its parameters: which rows are marked
 */
export async function storedRows(
  client: ClickHouseClient,
  table: EvidenceTable,
  chain: Chain,
  block: number,
  condition: { readonly sql: string; readonly params: Readonly<Record<string, unknown>> } = {
    sql: '0',
    params: {}
  }
): Promise<StoredRow[]> {
  const columns = tables[table] as Columns;
  const { stream } = await client.exec({
    query: `SELECT toUInt8(${condition.sql}) AS marked, ${Object.keys(columns).join(', ')} FROM ${table}
      WHERE collector = {collector:String} AND lane = {lane:String} AND block = {block:UInt64}
      ORDER BY ${rowOrders[table]} FORMAT RowBinary`,
    query_params: { ...chain, ...condition.params, block }
  });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const skips = Object.values(columns).map(skipOf);
  const rows: StoredRow[] = [];
  for (let at = 0; at < body.length;) {
    const start = at + 1;
    const end = skips.reduce((place, skip) => skip(body, place), start);
    const bytes = body.subarray(start, end);
    rows.push({ bytes, leaf: rowLeaf(table, bytes), marked: body[at] === 1 });
    at = end;
  }
  return rows;
}

/** Place after a value that begins at `at`. */
type Skip = (body: Buffer, at: number) => number;

const sizes: Readonly<Record<string, number>> = {
  UInt8: 1,
  UInt16: 2,
  UInt32: 4,
  Int32: 4,
  UInt64: 8,
  Int64: 8,
  DateTime: 4,
  DateTime64: 8
};

function varint(body: Buffer, at: number): { readonly value: number; readonly next: number } {
  let [value, scale, next] = [0, 1, at];
  for (; (body[next] ?? 0) & 0x80; next++, scale *= 128) value += ((body[next] ?? 0) & 0x7f) * scale;
  return { value: value + (body[next] ?? 0) * scale, next: next + 1 };
}

function skipOf(type: string): Skip {
  const inner = /^(\w+)\((.*)\)$/.exec(type);
  const [name, argument] = [inner?.[1] ?? type, inner?.[2] ?? ''];
  const size = name === 'FixedString' ? Number(argument) : sizes[name];
  if (size !== undefined) return (_, at) => at + size;
  if (name === 'LowCardinality') return skipOf(argument);
  if (name === 'String')
    return (body, at) => {
      const { value, next } = varint(body, at);
      return next + value;
    };
  const skip = skipOf(argument);
  if (name === 'Nullable') return (body, at) => (body[at] === 1 ? at + 1 : skip(body, at + 1));
  if (name === 'Array')
    return (body, at) => {
      const { value, next } = varint(body, at);
      let place = next;
      for (let i = 0; i < value; i++) place = skip(body, place);
      return place;
    };
  throw new Error(`no RowBinary reader for ${type}`);
}
