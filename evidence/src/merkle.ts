import { hash } from 'node:crypto';

/** A SHA-256 as 32 Latin-1 characters: cheaper to make and to keep than a buffer, of which a block needs tens of thousands. */
export type Digest = string;

const digestBytes = (digest: Digest): Buffer => Buffer.from(digest, 'latin1');
export const digestHex = (digest: Digest): string => digestBytes(digest).toString('hex');

let scratch = Buffer.alloc(8192);
const node = Buffer.alloc(65, 0x01);

/** Hash of a leaf: SHA-256(0x00 ‖ parts), RFC 6962 §2.1. */
export function leafHash(...parts: readonly Buffer[]): Digest {
  let length = 1;
  for (const part of parts) length += part.length;
  if (length > scratch.length) scratch = Buffer.alloc(length * 2);
  scratch[0] = 0x00;
  let at = 1;
  for (const part of parts) at += part.copy(scratch, at);
  return hash('sha256', scratch.subarray(0, length), 'binary');
}

/** Hash of two subtrees: SHA-256(0x01 ‖ left ‖ right), RFC 6962 §2.1. */
export function nodeHash(left: Digest, right: Digest): Digest {
  node.write(left, 1, 32, 'latin1');
  node.write(right, 33, 32, 'latin1');
  return hash('sha256', node, 'binary');
}

/** Root of a Merkle tree over leaf hashes (RFC 6962 §2.1): SHA-256 of nothing when there are none. */
export function merkleRoot(leaves: readonly Digest[]): Digest {
  // Pairing level by level, an odd last node rising unchanged, is the same tree as splitting at powers of two.
  let level = leaves;
  while (level.length > 1) {
    const above: Digest[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left = '', right] = [level[i], level[i + 1]];
      above.push(right === undefined ? left : nodeHash(left, right));
    }
    level = above;
  }
  return level[0] ?? hash('sha256', '', 'binary');
}

/** Audit path of one leaf (RFC 6962 §2.1.1): the subtrees beside its way to the root, from the leaf up. */
export function merklePath(leaves: readonly Digest[], index: number): Digest[] {
  const path: Digest[] = [];
  let level = leaves;
  for (let at = index; level.length > 1; at >>= 1) {
    const beside = level[at ^ 1];
    if (beside !== undefined) path.push(beside);
    const above: Digest[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left = '', right] = [level[i], level[i + 1]];
      above.push(right === undefined ? left : nodeHash(left, right));
    }
    level = above;
  }
  return path;
}
