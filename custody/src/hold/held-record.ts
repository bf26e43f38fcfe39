import { randomBytes, type KeyObject } from 'node:crypto';
import { identitySealer, sealRawObject, wrapDataKey, type RawRecord } from '@vigie/schemas/vault-format';
import { nodeHash, type Digest } from '@vigie/evidence/merkle';
import type { Chain } from '../chain/blocks.ts';

/*
 * A message under hold, as vault.held_raw keeps it under a data key of its own:
 *   object   raw object version 1 of that record alone; its additional data is the name below
 *   proof    JSON, sealed as an identity is (index 0, additional data the name): { index, salt, path }, by which the leaf root
 *            of the block's header can be redone from the record, long after its block is purged
 */

/** Name of a held record, bound into its ciphertexts. */
export const heldName = (hold: string, { collector, lane }: Chain, seq: number): string =>
  `hold|${hold}|${collector}|${lane}|${seq}`;

/** Seals one record of a block to the vault. @param leaves leaf hashes of the whole block; @param salt of this place */
export function sealHeld(
  name: string,
  record: RawRecord,
  place: { readonly index: number; readonly salt: Digest; readonly leaves: readonly Digest[] },
  vaultPublic: KeyObject
): { readonly wrapped_key: Buffer; readonly object: Buffer; readonly proof: Buffer } {
  const dataKey = randomBytes(32);
  const hex = (digest: Digest) => Buffer.from(digest, 'latin1').toString('hex');
  const proof = JSON.stringify({
    index: place.index,
    salt: hex(place.salt),
    path: pathOf(place.leaves, place.index).map(hex)
  });
  return {
    wrapped_key: wrapDataKey(dataKey, vaultPublic),
    object: sealRawObject([record], dataKey, name),
    proof: identitySealer(dataKey)(proof, Buffer.from(name))
  };
}

/** Siblings from a leaf to the root (RFC 6962 §2.1.1): level by level, an odd last node rising without one. */
function pathOf(leaves: readonly Digest[], index: number): Digest[] {
  const path: Digest[] = [];
  let [level, at] = [leaves, index];
  while (level.length > 1) {
    const sibling = level[at ^ 1];
    if (sibling !== undefined) path.push(sibling);
    const above: Digest[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left = '', right] = [level[i], level[i + 1]];
      above.push(right === undefined ? left : nodeHash(left, right));
    }
    [level, at] = [above, at >> 1];
  }
  return path;
}
