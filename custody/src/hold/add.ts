import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { RowEncoder } from '@vigie/evidence/row-binary';
import { saltsOf } from '@vigie/evidence/leaf';
import { tables } from '@vigie/schemas/tables';
import { insertBinary, type ClickHouseClient } from '@vigie/store';
import { ask, change } from '../ask.ts';
import { actsAbout, expectedNow, sealedBlock, type Chain } from '../chain/blocks.ts';
import { openBlock } from '../chain/raw.ts';
import { heldName, sealHeld } from './held-record.ts';
import { identity } from './holds.ts';
import { conditionOf, type Selection } from './selection.ts';

/** What a hold would copy. */
export interface HoldCount {
  readonly events: number;
  /** Of these, copied already. */
  readonly copied: number;
  readonly messages: number;
  /** Messages of which the raw bytes are stored. */
  readonly stored: number;
  /** ms since 1970 of the first and the last act. */
  readonly from: number;
  readonly to: number;
}

const CountRow = z.object({
  events: z.number(),
  copied: z.number(),
  messages: z.number(),
  stored: z.number(),
  from: z.number(),
  to: z.number()
});

/** Counts what a selection names, without touching it. */
export async function countSelection(
  client: ClickHouseClient,
  hold: string,
  selection: Selection
): Promise<HoldCount> {
  const { sql, params } = conditionOf(selection);
  const [row] = await ask(
    client,
    CountRow,
    `SELECT count() AS events, countIf((${identity}) IN (SELECT ${identity} FROM audit.held WHERE hold = {hold:String})) AS copied,
       uniqExact(collector, lane, seq) AS messages,
       uniqExactIf((collector, lane, seq), (collector, lane, block) IN (SELECT collector, lane, block FROM vault.raw_block)) AS stored,
       toUnixTimestamp64Milli(min(occurred_at)) AS from, toUnixTimestamp64Milli(max(occurred_at)) AS to
     FROM audit.event WHERE ${sql}`,
    { ...params, hold }
  );
  return row ?? { events: 0, copied: 0, messages: 0, stored: 0, from: 0, to: 0 };
}

/** Copies the events of a selection that have no copy yet. */
export async function copyEvents(
  client: ClickHouseClient,
  { hold, selection, at }: { readonly hold: string; readonly selection: Selection; readonly at: number }
): Promise<void> {
  const { sql, params } = conditionOf(selection);
  const columns = Object.keys(tables['audit.event']).join(', ');
  await change(
    client,
    `INSERT INTO audit.held (hold, held_at, ${columns})
     SELECT {hold:String}, fromUnixTimestamp64Milli({at:Int64}, 'UTC'), ${columns} FROM audit.event WHERE ${sql}
     AND (${identity}) NOT IN (SELECT ${identity} FROM audit.held WHERE hold = {hold:String})`,
    { ...params, hold, at }
  );
}

const Missing = z.object({
  collector: z.string(),
  lane: z.string(),
  block: z.number(),
  seqs: z.array(z.number())
});

/** Columns of vault.held_raw, in DDL order. */
const heldRaw = {
  hold: 'LowCardinality(String)',
  held_at: "DateTime64(3, 'UTC')",
  lane: 'LowCardinality(String)',
  collector: 'LowCardinality(String)',
  block: 'UInt64',
  seq: 'UInt64',
  wrapped_key: 'String',
  object: 'String',
  proof: 'String'
} as const;

/**
 * Copies the messages of the hold's events that have no copy yet, block by block, each sealed alone.
 * @returns messages copied, and those whose bytes are purged or erased
 */
export async function copyMessages(
  client: ClickHouseClient,
  { hold, at }: { readonly hold: string; readonly at: number },
  keys: { readonly privateKey: string; readonly publicKey: KeyObject },
  progress: (sentence: string) => void
): Promise<{ readonly copied: number; readonly gone: number }> {
  const missing = await ask(
    client,
    Missing,
    `SELECT collector, lane, block, groupUniqArray(seq) AS seqs FROM audit.held WHERE hold = {hold:String}
     AND (collector, lane, seq) NOT IN (SELECT collector, lane, seq FROM vault.held_raw WHERE hold = {hold:String})
     GROUP BY collector, lane, block ORDER BY collector, lane, block`,
    { hold }
  );
  let [copied, gone] = [0, 0];
  for (const { collector, lane, block, seqs } of missing) {
    const chain: Chain = { collector, lane };
    const expected = expectedNow(
      await sealedBlock(client, chain, block),
      await actsAbout(client, chain, block)
    );
    const [opened] = await openBlock(client, chain, block, { expected, privateKey: keys.privateKey });
    const encoder = new RowEncoder(heldRaw);
    opened?.records.forEach((record, index) => {
      if (!seqs.includes(record.seq) || expected.redacted.has(index)) return;
      const place = { index, salt: saltsOf(opened.saltKey)(index), leaves: opened.leaves };
      const sealed = sealHeld(heldName(hold, chain, record.seq), record, place, keys.publicKey);
      encoder.add({ hold, held_at: at, ...chain, block, seq: record.seq, ...sealed });
    });
    const { rows } = encoder;
    gone += seqs.length - rows;
    copied += rows;
    if (rows === 0) continue;
    const token = `vault.held_raw:${hold}:${collector}:${lane}:${block}:${at}`;
    const { body } = encoder.finish();
    await insertBinary(client, {
      table: 'vault.held_raw',
      columns: encoder.columns,
      format: 'RowBinary',
      body,
      token
    });
    progress(`${copied} messages copied`);
  }
  return { copied, gone };
}
