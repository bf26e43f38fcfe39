import { hash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestHex, leafHash, merkleRoot, nodeHash, type Digest } from './merkle.ts';

// The tree of Certificate Transparency's own test vectors.
const inputs = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f'
];
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'
];

test('the roots are those of RFC 6962', () => {
  const leaves = inputs.map((text) => leafHash(Buffer.from(text, 'hex')));
  roots.forEach((root, i) => expect(digestHex(merkleRoot(leaves.slice(0, i + 1)))).toBe(root));
  expect(digestHex(merkleRoot([]))).toBe(hash('sha256', '', 'hex'));
});

/** RFC 6962 §2.1 as it is written: split at the largest power of two below n. */
function byDefinition(leaves: readonly Digest[]): Digest {
  if (leaves.length === 1) return leaves[0] ?? '';
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(byDefinition(leaves.slice(0, split)), byDefinition(leaves.slice(split)));
}

test('pairing level by level is the tree as the RFC defines it, for every size', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), (size) => {
      const leaves = Array.from({ length: size }, (_, i) => leafHash(Buffer.from(String(i))));
      expect(merkleRoot(leaves)).toEqual(byDefinition(leaves));
    })
  );
});
