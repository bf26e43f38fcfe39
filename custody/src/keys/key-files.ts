import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyId } from '@vigie/evidence/signature';

/*
 * Key files of an installation, below keys/. A rotation replaces a file at once (written beside it and renamed), so that whoever reads
 * it meanwhile reads one key or the other.
 *   evidence.key, evidence.pub     signs now · evidence-<id>.pub: signed before, and is believed for ever
 *   vault.key                      private keys of the vault, the newest first; more than one while data keys are being wrapped again
 *   vault.pub                      what new blocks are sealed to · vault-<id>.key: a key that nothing stored is sealed to any more
 */
const privatePem = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n?/g;

const read = (folder: string, name: string) => readFileSync(join(folder, name), 'utf8');

/** Replaces a file at once. */
function write(folder: string, name: string, text: string): void {
  const file = join(folder, name);
  writeFileSync(`${file}.new`, text, { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
}

const publicPem = (key: KeyObject) => createPublicKey(key).export({ type: 'spki', format: 'pem' }) as string;
const privateText = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }) as string;

/** Id of the evidence key that signs now. */
export const evidenceKeyId = (folder: string): string =>
  keyId(createPrivateKey(read(folder, 'evidence.key')));

/**
 * Makes a new signing key the one in force. Every public key is on disk before it is needed: whatever is signed can be checked at
 * any place this is cut short.
 * @returns id of the new key
 */
export function rotateEvidenceKey(folder: string): string {
  const old = createPrivateKey(read(folder, 'evidence.key'));
  const { privateKey } = generateKeyPairSync('ed25519');
  write(folder, `evidence-${keyId(old)}.pub`, publicPem(old));
  write(folder, `evidence-${keyId(privateKey)}.pub`, publicPem(privateKey));
  write(folder, 'evidence.key', privateText(privateKey));
  write(folder, 'evidence.pub', publicPem(privateKey));
  return keyId(privateKey);
}

/** Private keys of the vault (PEM), the newest first. */
export function vaultKeys(folder: string): string[] {
  return read(folder, 'vault.key').match(privatePem) ?? [];
}

export const vaultKeyId = (pem: string): string => keyId(createPrivateKey(pem));

/** Puts a new key of the vault before the old one, and seals new blocks to it from now on. Done already, it is left as it is. */
export function beginVaultRotation(folder: string): void {
  let [newest, ...older] = vaultKeys(folder);
  if (newest !== undefined && older.length === 0) {
    const { privateKey } = generateKeyPairSync('x25519');
    older = [newest];
    newest = privateText(privateKey);
    write(folder, 'vault.key', [newest, ...older].join(''));
  }
  write(folder, 'vault.pub', publicPem(createPrivateKey(newest ?? '')));
}

/** Nothing is sealed to the older keys any more: they leave vault.key, each for a file of its own. @returns ids of those that left */
export function endVaultRotation(folder: string): string[] {
  const [newest = '', ...older] = vaultKeys(folder);
  for (const pem of older)
    if (!existsSync(join(folder, `vault-${vaultKeyId(pem)}.key`)))
      write(folder, `vault-${vaultKeyId(pem)}.key`, pem);
  write(folder, 'vault.key', newest);
  return older.map(vaultKeyId);
}
