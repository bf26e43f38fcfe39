import { hash } from 'node:crypto';

const node = Buffer.alloc(65, 0x01);

/** Hash of a leaf: SHA-256(0x00 ‖ content), RFC 6962 §2.1. */
export function leafHash(content: Buffer): Buffer {
  const input = Buffer.allocUnsafe(1 + content.length);
  input[0] = 0x00;
  content.copy(input, 1);
  return hash('sha256', input, 'buffer');
}

/** Hash of two subtrees: SHA-256(0x01 ‖ left ‖ right), RFC 6962 §2.1. */
export function nodeHash(left: Buffer, right: Buffer): Buffer {
  left.copy(node, 1);
  right.copy(node, 33);
  return hash('sha256', node, 'buffer');
}

/** Root of a Merkle tree over leaf hashes (RFC 6962 §2.1): SHA-256 of nothing when there are none. */
export function merkleRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return hash('sha256', Buffer.alloc(0), 'buffer');
  // Pairing level by level, an odd last node rising unchanged, is the same tree as splitting at powers of two.
  let level = leaves;
  while (level.length > 1) {
    const above: Buffer[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const left = level[i] as Buffer;
      const right = level[i + 1];
      above.push(right === undefined ? left : nodeHash(left, right));
    }
    level = above;
  }
  return level[0] as Buffer;
}
