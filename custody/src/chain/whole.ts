import type { ExpectedTable } from '@vigie/evidence/expectation';
import { digestHex, merkleRoot, type Digest } from '@vigie/evidence/merkle';

/**
 * Whether rows are those of the root in force, given the hashes of those that acts took away. Pure.
 * @param leaves leaf hashes of the stored rows, in the order of the root
 */
export function isWhole(expected: ExpectedTable | undefined, leaves: readonly Digest[]): boolean {
  if (!expected || expected.gone === 'all') return leaves.length === 0;
  const { gone, size, root } = expected;
  if (leaves.length + gone.size !== size) return false;
  let next = 0;
  const all = Array.from({ length: size }, (_, place) => gone.get(place) ?? leaves[next++] ?? '');
  return next === leaves.length && digestHex(merkleRoot(all)) === root;
}
