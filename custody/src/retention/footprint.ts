import { z } from 'zod';
import type { ClickHouseClient } from '@vigie/store';
import { ask } from '../ask.ts';
import type { Chain } from '../chain/blocks.ts';
import type { Doomed } from './partitions.ts';

/** What of a chain lies in partitions that go together. */
export interface Footprint {
  readonly chain: Chain;
  /** Runs of blocks, by name, of which nothing lies outside: whole tables go. */
  readonly ranges: readonly { readonly block: number; readonly to: number }[];
  /** Blocks that straddle a month: what is in and what is out is to be told row by row. */
  readonly straddling: readonly number[];
}

const Bounds = z.object({ collector: z.string(), first: z.number(), last: z.number() });
const Name = z.object({ block: z.number() });

/** Where the rows of these partitions (of one lane, category and month) lie in the chains of the collectors. */
export async function footprints(client: ClickHouseClient, doomed: readonly Doomed[]): Promise<Footprint[]> {
  const [one] = doomed;
  if (!one) return [];
  const bounds = new Map<string, { first: number; last: number }>();
  for (const { table, id } of doomed)
    for (const { collector, first, last } of await ask(
      client,
      Bounds,
      `SELECT collector, min(block) AS first, max(block) AS last FROM ${table} WHERE _partition_id = {id:String} GROUP BY collector`,
      { id }
    )) {
      const known = bounds.get(collector);
      bounds.set(collector, {
        first: Math.min(known?.first ?? first, first),
        last: Math.max(known?.last ?? last, last)
      });
    }
  const found: Footprint[] = [];
  for (const [collector, { first, last }] of bounds) {
    const chain = { collector, lane: one.lane };
    const strangers = await blocksWithRowsOutside(client, chain, { first, last }, doomed);
    found.push({
      chain,
      ranges: await rangesWithout(client, chain, { first, last }, strangers),
      straddling: strangers
    });
  }
  return found;
}

/** Blocks in the span that have rows in other months: few, at its ends. The index by block keeps this from reading those months. */
async function blocksWithRowsOutside(
  client: ClickHouseClient,
  { collector, lane }: Chain,
  span: { readonly first: number; readonly last: number },
  doomed: readonly Doomed[]
): Promise<number[]> {
  const blocks = new Set<number>();
  for (const { table, id, category } of doomed)
    for (const { block } of await ask(
      client,
      Name,
      `SELECT DISTINCT block FROM ${table} WHERE lane = {lane:String} AND retention = {retention:String}
       AND collector = {collector:String} AND block BETWEEN {first:UInt64} AND {last:UInt64} AND _partition_id != {id:String}`,
      { collector, lane, retention: category, id, ...span }
    ))
      blocks.add(block);
  return [...blocks].toSorted((a, b) => a - b);
}

/** The span in pieces between those blocks, each from the name of a block to the name of a block. */
async function rangesWithout(
  client: ClickHouseClient,
  chain: Chain,
  { first, last }: { readonly first: number; readonly last: number },
  strangers: readonly number[]
): Promise<{ block: number; to: number }[]> {
  const edges = [first - 1, ...strangers, last + 1];
  const ranges: { block: number; to: number }[] = [];
  for (const [i, edge] of edges.slice(1).entries()) {
    const [piece] = await ask(
      client,
      z.object({ from: z.number(), to: z.number(), count: z.number() }),
      `SELECT min(block) AS from, max(block) AS to, count() AS count FROM audit.block
       WHERE collector = {collector:String} AND lane = {lane:String} AND kind = 'block' AND block > {after:Int64} AND block < {before:UInt64}`,
      { ...chain, after: edges[i], before: edge }
    );
    if (piece && piece.count > 0) ranges.push({ block: piece.from, to: piece.to });
  }
  return ranges;
}
