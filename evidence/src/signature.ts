import { createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto';

/** Hash by which a signed record is named: SHA-256 of its canonical bytes. */
export function recordHash(bytes: Buffer): Buffer {
  return hash('sha256', bytes, 'buffer');
}

/** Name of a signing key: first 16 hexadecimal digits of the SHA-256 of its public key (SPKI, DER). */
export function keyId(key: KeyObject): string {
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' });
  return hash('sha256', spki, 'hex').slice(0, 16);
}

/** Ed25519 signature (RFC 8032) of a record's canonical bytes. */
export function signRecord(bytes: Buffer, privateKey: KeyObject): Buffer {
  return sign(null, bytes, privateKey);
}

export function verifyRecord(bytes: Buffer, signature: Buffer, publicKey: KeyObject): boolean {
  return verify(null, bytes, publicKey, signature);
}
