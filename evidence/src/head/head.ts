import { z } from 'zod';
import type { ClickHouseClient } from '@vigie/store';
import { canonicalBytes } from '../canonical.ts';
import { Hash } from '../header.ts';

/** The newest record of one chain, whole: its text, and the signature (Ed25519, base64) that the key `key_id` made of it. */
const Signed = z.strictObject({ hash: Hash, text: z.string(), signature: z.base64(), key_id: z.string() });

/**
 * The newest header of every lane of every collector, and the newest act where there is one, version 1: what has to be kept
 * elsewhere, so that removal of the newest blocks shows. Each part is signed by itself; the file needs no signature of its own.
 * `at` is when it was read, ms since 1970.
 */
export const Head = z.strictObject({
  version: z.literal(1),
  kind: z.literal('vigie-head'),
  at: z.int().min(0),
  chains: z.array(
    z.strictObject({
      collector: z.string(),
      lane: z.string(),
      block: z.int().min(0),
      header: Signed,
      act: Signed.optional()
    })
  )
});
export type Head = z.infer<typeof Head>;

const Row = z.object({
  collector: z.string(),
  lane: z.string(),
  kind: z.string(),
  block: z.number(),
  hash: Hash,
  text: z.string(),
  signature: z.string(),
  key_id: z.string()
});

/** Reads the head of every chain. @param at ms since 1970, written into it */
export async function readHead(client: ClickHouseClient, at: number): Promise<Head> {
  const result = await client.query({
    query: `SELECT collector, lane, if(kind = 'block', 'header', 'act') AS kind, max(b.block) AS block,
        argMax(lower(hex(hash)), place) AS hash, argMax(header, place) AS text,
        argMax(base64Encode(signature), place) AS signature, argMax(key_id, place) AS key_id
      FROM (SELECT *, if(kind = 'block', block, JSONExtractUInt(header, 'number')) AS place FROM audit.block) AS b
      GROUP BY collector, lane, kind ORDER BY collector, lane, kind`,
    format: 'JSONEachRow',
    clickhouse_settings: { log_comment: 'evidence.head' }
  });
  const rows = z.array(Row).parse(await result.json());
  const signed = ({ hash, text, signature, key_id }: z.infer<typeof Row>) => ({
    hash,
    text,
    signature,
    key_id
  });
  const chains = rows
    .filter(({ kind }) => kind === 'header')
    .map((header) => {
      const act = rows.find(
        (row) => row.kind === 'act' && row.collector === header.collector && row.lane === header.lane
      );
      const { collector, lane, block } = header;
      return { collector, lane, block, header: signed(header), ...(act && { act: signed(act) }) };
    });
  return { version: 1, kind: 'vigie-head', at, chains };
}

/** The bytes of a head's file: canonical JSON and a line feed. A time-stamp is made of their SHA-256. */
export const headBytes = (head: Head): Buffer => Buffer.concat([canonicalBytes(head), Buffer.from('\n')]);
