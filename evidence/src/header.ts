import { z } from 'zod';
import { canonicalBytes } from './canonical.ts';
import { leafHash, type Digest } from './merkle.ts';
import { signedEnd } from './signed-length.ts';

/** A SHA-256 in lower-case hexadecimal. */
export const Hash = z.string().regex(/^[0-9a-f]{64}$/);
/** Table → [rows, Merkle root over them]. */
export const RowRoots = z.record(z.string(), z.tuple([z.int().min(0), Hash]));

const Count = z.int().min(0);

/**
 * What a block's signature covers, version 1. Hashes are lower-case hexadecimal; times are milliseconds since 1970.
 *   first, last   sequences; there may be gaps where a write failed before its ack
 *   previous      hash of the lane's previous header; 64 zeros for the first
 *   raw_hash      SHA-256 of the raw object as stored: ciphertext
 *   rows          in the order of rowOrders (row-order.ts); `audit.block` itself is not among them
 *   sums          SHA-256 of the block's row sums (sums.ts); absent in blocks that were sealed without them
 */
export const Header = z.strictObject({
  version: z.literal(1),
  collector: z.string(),
  lane: z.string(),
  first: Count,
  last: Count,
  records: Count,
  sealed_at: Count,
  previous: Hash,
  leaf_root: Hash,
  raw_hash: Hash,
  rows: RowRoots,
  sums: Hash.optional(),
  decoders: z.array(z.string()),
  key_id: z.string()
});
export type Header = z.infer<typeof Header>;

export const genesis = '0'.repeat(64);

/** The bytes that are signed and hashed. */
export function headerBytes(header: Header): Buffer {
  return canonicalBytes(header);
}

/** Leaf of one inserted row: its content is table ‖ 0x00 ‖ the row in RowBinary, as far as it is signed (signed-length.ts). */
export function rowLeaf(table: string, row: Buffer): Digest {
  const end = signedEnd(table, row, row.length);
  return leafHash(tablePrefix(table), end === row.length ? row : row.subarray(0, end));
}

const prefixes = new Map<string, Buffer>();
function tablePrefix(table: string): Buffer {
  const known = prefixes.get(table) ?? Buffer.from(`${table}\0`);
  prefixes.set(table, known);
  return known;
}
