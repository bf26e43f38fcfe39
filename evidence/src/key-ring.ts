import { createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyId } from './signature.ts';

/** Public keys by their name. Which of them are there decides who is believed. */
export type KeyRing = ReadonlyMap<string, KeyObject>;

/** Keys that were replaced keep a file of their own beside the one in force: evidence-<key id>.pub. */
const publicKeyFile = /^evidence(-[0-9a-f]{16})?\.pub$/;

/**
 * Every public key of evidence in a folder of keys.
 * @throws {Error} a sentence, when there is none or a file holds no Ed25519 key
 */
export function readKeyRing(keysFolder: string): KeyRing {
  const files = existsSync(keysFolder)
    ? readdirSync(keysFolder)
        .filter((name) => publicKeyFile.test(name))
        .map((name) => join(keysFolder, name))
    : [];
  if (files.length === 0)
    throw new Error(`${keysFolder} holds no evidence.pub: name the public key with --public-key FILE`);
  return keyRingOf(files);
}

/** @throws {Error} a sentence naming the file that holds no Ed25519 public key (PEM) */
export function keyRingOf(files: readonly string[]): KeyRing {
  return new Map(
    files.flatMap((file) => {
      const pems = readFileSync(file, 'utf8').match(
        /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g
      );
      if (!pems) throw new Error(`${file} holds no public key in PEM`);
      return pems.map((pem) => {
        const key = createPublicKey(pem);
        if (key.asymmetricKeyType !== 'ed25519') throw new Error(`${file} holds a key that is not Ed25519`);
        return [keyId(key), key] as const;
      });
    })
  );
}
