import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import type { Lane } from '../reception.ts';

/*
 * A piece as it waits, version 1: u8 1 · 12 bytes nonce · AES-256-GCM(forward.key, batch of spool/record.ts) · 16 bytes tag;
 * additional data = target, lane and sequences, so that no piece can be passed off as another's.
 */
const version = 1;

/** What a piece is bound to. */
export interface PieceName {
  readonly target: string;
  readonly lane: Lane;
  readonly seqs: readonly number[];
}

export interface PieceSeal {
  seal(batch: Buffer, name: PieceName): Buffer;
  /** @throws when it was altered, sealed with another key, or is another piece */
  open(sealed: Buffer, name: PieceName): Buffer;
}

const additional = ({ target, lane, seqs }: PieceName) => Buffer.from(`${target}|${lane}|${seqs.join(',')}`);

/**
 * Seals pieces with the key of the forward queues.
 * @param text of keys/forward.key: 32 bytes in hexadecimal
 * @throws when it is anything else
 */
export function pieceSeal(text: string): PieceSeal {
  if (!/^[0-9a-f]{64}\s*$/.test(text))
    throw new Error(
      'keys/forward.key must hold 64 hexadecimal digits: restore it, or let npm start make one'
    );
  const key = createSecretKey(text.trim(), 'hex');
  return {
    seal(batch, name) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(additional(name));
      return Buffer.concat([
        Buffer.of(version),
        nonce,
        cipher.update(batch),
        cipher.final(),
        cipher.getAuthTag()
      ]);
    },
    open(sealed, name) {
      if (sealed[0] !== version)
        throw new Error(
          `forward piece version ${sealed[0]} is not known: this version is older than the data`
        );
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 13))
        .setAAD(additional(name))
        .setAuthTag(sealed.subarray(-16));
      return Buffer.concat([decipher.update(sealed.subarray(13, -16)), decipher.final()]);
    }
  };
}
