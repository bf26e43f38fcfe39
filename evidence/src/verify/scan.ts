import type { ClickHouseClient } from '@vigie/store';
import { tables } from '@vigie/schemas/tables';
import { rowOrders, type EvidenceTable } from '../row-order.ts';
import { RowScanner, type RowTaker } from './row-scan.ts';

/** Sequence and sub-index of a row, as expressions; what is about a whole block has neither. */
const namesOf = (table: EvidenceTable): readonly [seq: string, sub: string] => {
  switch (table) {
    case 'ops.feed_minute':
    case 'ops.feed_trait':
    case 'vault.raw_block':
      return ['0', '0'];
    case 'audit.reception':
    case 'vault.identity':
      return ['seq', '0'];
    default:
      return ['seq', 'sub'];
  }
};

/**
 * Reads the rows of a range of blocks as they are today, in the order of their roots, as the bytes that were signed.
 * @returns bytes read
 */
export async function scanRows(
  client: ClickHouseClient,
  table: EvidenceTable,
  range: { readonly collector: string; readonly lane: string; readonly from: number; readonly to: number },
  take: RowTaker,
  signal?: AbortSignal
): Promise<number> {
  const [seq, sub] = namesOf(table);
  const { collector, lane, from, to } = range;
  const scanner = new RowScanner(table, tables[table], take);
  const { stream } = await client.exec({
    query: `SELECT block, toUInt64(${seq}), toUInt32(${sub}), ${Object.keys(tables[table]).join(', ')} FROM ${table}
      WHERE lane = {lane:String} AND collector = {collector:String} AND block >= {from:UInt64} AND block < {to:UInt64}
      ORDER BY block, ${rowOrders[table]} FORMAT RowBinary`,
    query_params: { collector, lane, from, to },
    ...(signal && { abort_signal: signal }),
    clickhouse_settings: { log_comment: 'evidence.rows', max_result_rows: '0', max_execution_time: 60 }
  });
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += (chunk as Buffer).length;
    scanner.push(chunk as Buffer);
  }
  scanner.end();
  return bytes;
}
