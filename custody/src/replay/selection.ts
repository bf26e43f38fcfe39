import { z } from 'zod';
import type { ClickHouseClient } from '@vigie/store';
import { ask } from '../ask.ts';
import type { Chain } from '../chain/blocks.ts';

/** Which receptions are decoded again: of blocks whose records were received in the period, all or some. */
export interface ReplaySelection {
  readonly lane: string;
  /** ms since 1970; `to` is not in. */
  readonly from: number;
  readonly to: number;
  /** Those whose rows name this source. */
  readonly source: string | undefined;
  /** Those that are in quarantine. */
  readonly quarantine: boolean;
}

export interface BlockName extends Chain {
  readonly block: number;
}

const Name = z.object({ collector: z.string(), lane: z.string(), block: z.number() });

/** Blocks that may hold such receptions, in order. */
export function blocksToReplay(client: ClickHouseClient, selection: ReplaySelection): Promise<BlockName[]> {
  const { source = '', ...bounds } = selection;
  const inQuarantine = `SELECT collector, lane, block FROM audit.quarantine WHERE lane = {lane:String}
    AND ({source:String} = '' OR source = {source:String})`;
  const ofSource = `SELECT collector, lane, block FROM ops.feed_minute WHERE lane = {lane:String} AND source = {source:String}`;
  const within = selection.quarantine ? inQuarantine : source === '' ? '' : ofSource;
  return ask(
    client,
    Name,
    `SELECT collector, lane, block FROM audit.block WHERE kind = 'block' AND lane = {lane:String}
     AND sealed_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND sealed_at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
     ${within === '' ? '' : `AND (collector, lane, block) IN (${within})`} ORDER BY collector, block`,
    { ...bounds, quarantine: undefined, source }
  );
}
