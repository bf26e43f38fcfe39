import { z } from 'zod';
import { packLeaves } from '@vigie/evidence/act';
import type { ClickHouseClient } from '@vigie/store';
import { ask, change } from '../ask.ts';
import { actsAbout, expectedNow, sealedBlock, type Chain } from '../chain/blocks.ts';
import { placed } from '../chain/places.ts';
import { storedRows } from '../chain/rows.ts';
import { signAbout, type Mandate } from '../chain/signer.ts';

/** Rows of the vault that tie a pseudonym to an identity: by chain and block. */
export interface Tie extends Chain {
  readonly block: number;
  readonly rows: number;
  readonly kind: string;
  /** ms since 1970 of the first and the last. */
  readonly from: number;
  readonly to: number;
}

const TieRow = z.object({
  collector: z.string(),
  lane: z.string(),
  block: z.number(),
  rows: z.number(),
  kind: z.string(),
  from: z.number(),
  to: z.number()
});

const isPseudonym = 'pseudonym = toFixedString(unhex({pseudonym:String}), 16)';

/** @param pseudonym 32 hexadecimal digits */
export function tiesOf(client: ClickHouseClient, pseudonym: string): Promise<Tie[]> {
  return ask(
    client,
    TieRow,
    `SELECT collector, lane, block, count() AS rows, any(kind) AS kind, toUnixTimestamp64Milli(min(received_at)) AS from,
       toUnixTimestamp64Milli(max(received_at)) AS to
     FROM vault.identity WHERE ${isPseudonym} GROUP BY collector, lane, block ORDER BY collector, lane, block`,
    { pseudonym }
  );
}

/**
 * Takes the identity of a pseudonym out of the vault: for each block the signed record of it, with the leaf hashes of the rows, and
 * then the rows. Cut short and asked for again, it goes on.
 * @returns rows removed
 */
export async function unlink(client: ClickHouseClient, pseudonym: string, mandate: Mandate): Promise<number> {
  const ties = await tiesOf(client, pseudonym);
  for (const { collector, lane, block: name } of ties) {
    const chain = { collector, lane };
    const block = await sealedBlock(client, chain, name);
    const expected = expectedNow(block, await actsAbout(client, chain, name)).tables.get('vault.identity');
    if (!expected) throw new Error(`the block ${collector}-${lane}-${name} was sealed without identities`);
    const rows = await storedRows(client, 'vault.identity', chain, name, {
      sql: isPseudonym,
      params: { pseudonym }
    });
    const going = placed(expected, rows).filter(({ row, told }) => row.marked && !told);
    const removed = { 'vault.identity': going.map(({ place, row }) => packLeaves(place, [row.leaf])) };
    if (going.length > 0)
      await signAbout(client, { kind: 'unlink', chain, block, changes: { removed } }, mandate);
  }
  // Mutations rewrite the parts that hold the rows: what was removed is not in the new ones.
  if (ties.length > 0)
    await change(
      client,
      `ALTER TABLE vault.identity DELETE WHERE ${isPseudonym} SETTINGS mutations_sync = 2`,
      {
        pseudonym
      }
    );
  return ties.reduce((sum, tie) => sum + tie.rows, 0);
}

/** Holds that keep events of a patient or a person under this pseudonym. */
export async function holdsOfPseudonym(client: ClickHouseClient, pseudonym: string): Promise<string[]> {
  const rows = await ask(
    client,
    z.object({ hold: z.string() }),
    `SELECT DISTINCT hold FROM audit.held
     WHERE has(patients, toFixedString(unhex({pseudonym:String}), 16)) OR has(participant_id, {pseudonym:String}) ORDER BY hold`,
    { pseudonym }
  );
  return rows.map(({ hold }) => hold);
}
