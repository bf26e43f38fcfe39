import { createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto';
import { leafHash, type Digest } from './merkle.ts';

/** What a block's signature covers. Hashes are lower-case hexadecimal; times are milliseconds since 1970. */
export interface Header {
  readonly version: 1;
  readonly collector: string;
  readonly lane: string;
  readonly first: number;
  readonly last: number;
  /** Receptions in the block; sequences may have gaps where a write failed before its ack. */
  readonly records: number;
  readonly sealed_at: number;
  /** Hash of the lane's previous header; 64 zeros for the first. */
  readonly previous: string;
  readonly leaf_root: string;
  /** SHA-256 of the raw object as stored: ciphertext. */
  readonly raw_hash: string;
  /**
   * Table → [rows, Merkle root over them], ordered by seq and sub; `vault.identity` by seq and the index in `sealed`;
   * `ops.feed_minute` by minute, source, site, establishment, transport. `audit.block` itself is not among them.
   */
  readonly rows: Readonly<Record<string, readonly [number, string]>>;
  readonly decoders: readonly string[];
  readonly key_id: string;
}

export const genesis = '0'.repeat(64);

/** Canonical bytes: JSON with keys sorted, no blanks (RFC 8785 for this shape: text, whole numbers, lists, objects). */
export function headerBytes(header: Header): Buffer {
  return Buffer.from(canonical(header));
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** Hash that the next header names as `previous`. */
export function headerHash(bytes: Buffer): Buffer {
  return hash('sha256', bytes, 'buffer');
}

/** Name of a signing key: first 16 hexadecimal digits of the SHA-256 of its public key (SPKI, DER). */
export function keyId(key: KeyObject): string {
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' });
  return hash('sha256', spki, 'hex').slice(0, 16);
}

/** Ed25519 signature (RFC 8032) of a header's canonical bytes. */
export function signHeader(bytes: Buffer, privateKey: KeyObject): Buffer {
  return sign(null, bytes, privateKey);
}

export function verifyHeader(bytes: Buffer, signature: Buffer, publicKey: KeyObject): boolean {
  return verify(null, bytes, publicKey, signature);
}

/** Leaf of one inserted row: its content is table ‖ 0x00 ‖ the row in RowBinary. */
export function rowLeaf(table: string, row: Buffer): Digest {
  return leafHash(Buffer.from(`${table}\0`), row);
}
