import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What a block is signed with and sealed to. */
export interface SealKeys {
  readonly evidence: KeyObject;
  readonly vaultPublic: KeyObject;
}

const names = ['evidence.key', 'vault.pub'] as const;

/**
 * Keys as their files hold them now: a rotation needs no restart. Asked between blocks, so that one block has one key. Files that
 * cannot be read once they were leave the keys as they are.
 * @throws when they cannot be read the first time
 */
export function sealKeys(folder: string): () => SealKeys {
  const stamp = () => names.map((name) => statSync(join(folder, name)).mtimeMs).join(' ');
  const read = (): SealKeys => ({
    evidence: createPrivateKey(readFileSync(join(folder, names[0]))),
    vaultPublic: createPublicKey(readFileSync(join(folder, names[1])))
  });
  let seen = stamp();
  let keys = read();
  return () => {
    try {
      const now = stamp();
      if (now !== seen) [keys, seen] = [read(), now];
    } catch {
      return keys;
    }
    return keys;
  };
}
