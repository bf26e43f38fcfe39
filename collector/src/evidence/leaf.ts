import { hash, hkdfSync, createHmac } from 'node:crypto';
import type { Reception } from '../reception.ts';

/**
 * The leaf of one reception, version 1, for ever. Its content (hashed as an RFC 6962 leaf) is
 *   u32 index in the block · f64 reception time (ms since 1970) · u16 length, source · u16 length, transport
 *   · u16 length, peer · 16 bytes salt · 32 bytes SHA-256 of the raw bytes      (integers and floats big-endian)
 * The salt keeps a leaf from revealing a guessable message; it comes from the block's data key, so that level 2 can redo it.
 */
export function leafContent(index: number, reception: Reception, salt: Buffer): Buffer {
  const source = Buffer.from(reception.source);
  const transport = Buffer.from(reception.transport);
  const peer = Buffer.from(reception.peer);
  const content = Buffer.allocUnsafe(4 + 8 + 6 + source.length + transport.length + peer.length + 16 + 32);
  let at = content.writeUInt32BE(index, 0);
  at = content.writeDoubleBE(reception.receivedAt, at);
  for (const field of [source, transport, peer]) {
    at = content.writeUInt16BE(field.length, at);
    at += field.copy(content, at);
  }
  at += salt.copy(content, at, 0, 16);
  hash('sha256', reception.raw, 'buffer').copy(content, at);
  return content;
}

/** Salts of a block: HMAC-SHA-256(HKDF(data key, "vigie leaf salt 1"), u32 index), first 16 bytes. */
export function saltsOf(dataKey: Buffer): (index: number) => Buffer {
  const key = Buffer.from(hkdfSync('sha256', dataKey, Buffer.alloc(0), 'vigie leaf salt 1', 32));
  const number = Buffer.alloc(4);
  return (index) => {
    number.writeUInt32BE(index);
    return createHmac('sha256', key).update(number).digest().subarray(0, 16);
  };
}
