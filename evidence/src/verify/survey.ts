import { z } from 'zod';
import type { ClickHouseClient } from '@vigie/store';
import { evidenceTables, type EvidenceTable } from '../row-order.ts';
import { told } from './stored-record.ts';

/** One lane of one collector, as its headers tell of it. */
const Chain = z.object({
  collector: z.string(),
  lane: z.string(),
  blocks: z.number(),
  records: z.number()
});
export type Chain = z.infer<typeof Chain>;

/** What to verify of a chain. */
export interface Bounds {
  /** ms since 1970: blocks sealed from then on, and before. */
  readonly from: number | undefined;
  readonly to: number | undefined;
}

const settings = { log_comment: 'evidence.survey', max_execution_time: 60, max_result_rows: '0' };
/** Milliseconds beyond any header. */
const ever = Number.MAX_SAFE_INTEGER;

/** Every chain that has a header in the bounds, with what is to be verified of it. */
export async function chainsOf(
  client: ClickHouseClient,
  { from = 0, to = ever }: { [K in keyof Bounds]?: Bounds[K] },
  signal: AbortSignal
): Promise<Chain[]> {
  const result = await client.query({
    query: `SELECT ${told.collector} AS collector, ${told.lane} AS lane, count() AS blocks, sum(JSONExtractUInt(header, 'records')) AS records
      FROM (SELECT header FROM audit.block WHERE ${told.isHeader})
      WHERE ${told.sealedAt} >= {from:UInt64} AND ${told.sealedAt} < {to:UInt64} GROUP BY collector, lane ORDER BY collector, lane`,
    query_params: { from, to },
    format: 'JSONEachRow',
    abort_signal: signal,
    clickhouse_settings: settings
  });
  return z.array(Chain).parse(await result.json());
}

/** Which lanes have rows in which tables, headers or not: `collector\0lane` → tables. */
export async function tablesInUse(
  client: ClickHouseClient,
  signal: AbortSignal
): Promise<ReadonlyMap<string, ReadonlySet<EvidenceTable>>> {
  const used = new Map<string, Set<EvidenceTable>>();
  const Row = z.object({ collector: z.string(), lane: z.string() });
  for (const table of evidenceTables) {
    const result = await client.query({
      query: `SELECT DISTINCT collector, lane FROM ${table}`,
      format: 'JSONEachRow',
      abort_signal: signal,
      clickhouse_settings: settings
    });
    for (const { collector, lane } of z.array(Row).parse(await result.json())) {
      const name = `${collector}\0${lane}`;
      used.set(name, (used.get(name) ?? new Set()).add(table));
    }
  }
  return used;
}

/** Rows of a chain from a sequence on, by table and block: what no header vouches for. At most 100 blocks a table are told. */
export async function rowsFrom(
  client: ClickHouseClient,
  chain: { readonly collector: string; readonly lane: string; readonly from: number },
  tables: Iterable<EvidenceTable>
): Promise<{ readonly table: EvidenceTable; readonly block: number; readonly rows: number }[]> {
  const Row = z.object({ block: z.number(), rows: z.number() });
  const found = [];
  for (const table of tables) {
    const result = await client.query({
      query: `SELECT toFloat64(block) AS block, count() AS rows FROM ${table} AS t
        WHERE lane = {lane:String} AND collector = {collector:String} AND t.block >= {from:UInt64} GROUP BY block ORDER BY block LIMIT 100`,
      query_params: { ...chain },
      format: 'JSONEachRow',
      clickhouse_settings: settings
    });
    found.push(
      ...z
        .array(Row)
        .parse(await result.json())
        .map((row) => ({ table, ...row }))
    );
  }
  return found;
}

/** First sequence of the last header sealed before a time, undefined when there is none: where a chain is taken up. */
export async function anchorBefore(
  client: ClickHouseClient,
  { collector, lane }: { readonly collector: string; readonly lane: string },
  from: number,
  signal: AbortSignal
): Promise<number | undefined> {
  const result = await client.query({
    query: `SELECT toFloat64(max(first)) AS first, count() AS blocks FROM (
        SELECT ${told.first} AS first FROM audit.block
        WHERE ${told.isHeader} AND ${told.collector} = {collector:String} AND ${told.lane} = {lane:String} AND ${told.sealedAt} < {from:UInt64}
          AND first < (SELECT min(${told.first}) FROM audit.block WHERE ${told.isHeader} AND ${told.collector} = {collector:String}
            AND ${told.lane} = {lane:String} AND ${told.sealedAt} >= {from:UInt64}))`,
    query_params: { collector, lane, from },
    format: 'JSONEachRow',
    abort_signal: signal,
    clickhouse_settings: settings
  });
  const [row] = z.array(z.object({ first: z.number(), blocks: z.number() })).parse(await result.json());
  return row && row.blocks > 0 ? row.first : undefined;
}
