import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseClient } from '@vigie/store';
import type { EvidenceTable } from '../row-order.ts';
import type { Finding } from './finding.ts';
import { asHeader, storedRows, told } from './stored-record.ts';
import { rowsFrom, type Chain } from './survey.ts';

/**
 * Rows behind the last header: those of the block that is being stored get its header in a moment, others never.
 * @param end the first sequence that no header vouches for
 * @param way.patienceMs how long they may wait for it
 */
export async function rowsBehind(
  client: ClickHouseClient,
  { collector, lane }: Chain,
  end: number,
  inUse: ReadonlySet<EvidenceTable>,
  { signal, patienceMs }: { readonly signal: AbortSignal; readonly patienceMs: number }
): Promise<Finding[]> {
  const late = performance.now() + patienceMs;
  for (let from = end; ;) {
    const rows = await rowsFrom(client, { collector, lane, from }, inUse);
    if (rows.length === 0) return [];
    from = await endOfHeaders(client, { collector, lane, from }, signal);
    const left = rows.filter(({ block }) => block >= from);
    const over = performance.now() > late;
    if (left.length === 0 && !over) continue;
    if (over)
      return left.map(({ table, block, rows: count }) => ({
        code: 'rows-without-block' as const,
        collector,
        lane,
        table,
        block,
        detail: `${count} rows`
      }));
    await sleep(Math.min(500, patienceMs), undefined, { signal });
  }
}

/** Behind the headers that came since: the next sequence that none vouches for. */
async function endOfHeaders(
  client: ClickHouseClient,
  { collector, lane, from }: Pick<Chain, 'collector' | 'lane'> & { readonly from: number },
  signal: AbortSignal
): Promise<number> {
  const condition = `${told.isHeader} AND ${told.collector} = {collector:String} AND ${told.lane} = {lane:String} AND ${told.first} >= {from:UInt64}`;
  const where = { condition, order: told.first, params: { collector, lane, from } };
  let end = from;
  for await (const row of storedRows(client, where, signal)) {
    const { record } = asHeader(row);
    if (record) end = Math.max(end, record.content.last + 1);
  }
  return end;
}
