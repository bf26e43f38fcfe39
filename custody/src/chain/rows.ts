import { tables, type Columns } from '@vigie/schemas/tables';
import type { Digest } from '@vigie/evidence/merkle';
import { rowOrders, type EvidenceTable } from '@vigie/evidence/row-order';
import { RowScanner } from '@vigie/evidence/verify/row-scan';
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
  // The scanner's prefix is block, sequence and sub-index: here the last of the three carries the mark.
  const { stream } = await client.exec({
    query: `SELECT toUInt64(0), toUInt64(0), toUInt32(${condition.sql}), ${Object.keys(columns).join(', ')} FROM ${table}
      WHERE collector = {collector:String} AND lane = {lane:String} AND block = {block:UInt64}
      ORDER BY ${rowOrders[table]} FORMAT RowBinary`,
    query_params: { ...chain, ...condition.params, block }
  });
  const rows: StoredRow[] = [];
  const scanner = new RowScanner(table, columns, (_block, _seq, mark, leaf, bytes) =>
    rows.push({ bytes: Buffer.from(bytes), leaf, marked: mark === 1 })
  );
  for await (const chunk of stream) scanner.push(chunk as Buffer);
  scanner.end();
  return rows;
}
