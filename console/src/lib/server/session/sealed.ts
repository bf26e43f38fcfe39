import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/**
 * Seals short texts for the console's own database: AES-256-GCM, nonce of 12 bytes, then ciphertext, then tag of 16 bytes.
 * @param secret hexadecimal, of keys/session.key
 * @param about binds a text to its row: it opens under the same words alone
 */
export function sealed(secret: () => string) {
  const key = (): Buffer =>
    Buffer.from(hkdfSync('sha256', Buffer.from(secret(), 'hex'), '', 'vigie console searches', 32));
  return {
    seal(text: string, about: string): Buffer {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key(), nonce).setAAD(Buffer.from(about));
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    },
    /** @returns undefined when the key or the words are others, or the bytes were changed */
    open(bytes: Uint8Array, about: string): string | undefined {
      const box = Buffer.from(bytes);
      if (box.length < 28) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', key(), box.subarray(0, 12));
      decipher.setAAD(Buffer.from(about)).setAuthTag(box.subarray(-16));
      try {
        return decipher.update(box.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8');
      } catch {
        return undefined;
      }
    }
  };
}
export type Sealed = ReturnType<typeof sealed>;
