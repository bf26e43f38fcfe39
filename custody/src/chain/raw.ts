import { z } from 'zod';
import { blockName, openDataKey, openRaw, type RawRecord } from '@vigie/schemas/vault-format';
import type { Expectation } from '@vigie/evidence/expectation';
import { leafContent, saltKeyOf, saltsOf } from '@vigie/evidence/leaf';
import { leafHash, type Digest } from '@vigie/evidence/merkle';
import type { ClickHouseClient } from '@vigie/store';
import { ask } from '../ask.ts';
import type { Chain } from './blocks.ts';

const Row = z.object({ wrapped: z.string(), object: z.string(), hash: z.string() });

/** The raw object of a block, opened. */
export interface OpenedBlock {
  /** SHA-256 of the object as stored, hexadecimal. */
  readonly hash: string;
  readonly records: readonly RawRecord[];
  readonly saltKey: Buffer;
  /** Leaf hash of every place; of erased records as the signed act holds it. */
  readonly leaves: readonly Digest[];
}

/**
 * Opens the raw objects of a block: one, or two while a rewritten one has not replaced the first yet; the one that is expected
 * comes first. None when they are purged.
 * @param privateKey private key of the vault (PEM)
 * @throws when one is altered or the key is not the vault's
 */
export async function openBlock(
  client: ClickHouseClient,
  chain: Chain,
  block: number,
  { expected, privateKey }: { readonly expected: Expectation; readonly privateKey: string }
): Promise<OpenedBlock[]> {
  const rows = await ask(
    client,
    Row,
    `SELECT base64Encode(wrapped_key) AS wrapped, base64Encode(object) AS object, lower(hex(hash)) AS hash FROM vault.raw_block
     WHERE collector = {collector:String} AND lane = {lane:String} AND block = {block:UInt64}
     ORDER BY hash = {expected:String} DESC`,
    { ...chain, block, expected: expected.rawHash }
  );
  return rows.map(({ wrapped, object, hash }) => {
    const dataKey = openDataKey(Buffer.from(wrapped, 'base64'), privateKey);
    const name = blockName(chain.collector, chain.lane, block);
    const { records, saltKey = saltKeyOf(dataKey) } = openRaw(Buffer.from(object, 'base64'), dataKey, name);
    const salt = saltsOf(saltKey);
    const leaves = records.map(
      (record, index) => expected.redacted.get(index) ?? leafHash(leafContent(index, record, salt(index)))
    );
    return { hash, records, saltKey, leaves };
  });
}
