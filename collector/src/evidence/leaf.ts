import { hash, hkdfSync, createHmac } from 'node:crypto';
import type { Reception } from '../reception.ts';

/**
 * The leaf of one reception, version 1, for ever. Its content (hashed as an RFC 6962 leaf) is
 *   u32 index in the block · f64 reception time (ms since 1970) · u16 length, source · u16 length, transport
 *   · u16 length, peer · u16 length, format · u8 1 when oversize: f64 size and 32 bytes SHA-256 of the whole, else u8 0
 *   · 16 bytes salt · 32 bytes SHA-256 of the raw bytes kept                   (integers and floats big-endian)
 * The salt keeps a leaf from revealing a guessable message; it comes from the block's data key, so that level 2 can redo it.
 */
export function leafContent(index: number, reception: Reception, salt: Buffer): Buffer {
  const { source, transport, peer, format, oversize } = reception;
  const fields = [source, transport, peer, format].map((text) => Buffer.from(text));
  const length = fields.reduce((sum, field) => sum + 2 + field.length, 0);
  const content = Buffer.allocUnsafe(4 + 8 + length + 1 + (oversize ? 40 : 0) + 16 + 32);
  let at = content.writeUInt32BE(index, 0);
  at = content.writeDoubleBE(reception.receivedAt, at);
  for (const field of fields) {
    at = content.writeUInt16BE(field.length, at);
    at += field.copy(content, at);
  }
  at = content.writeUInt8(oversize ? 1 : 0, at);
  if (oversize) {
    at = content.writeDoubleBE(oversize.bytes, at);
    at += Buffer.from(oversize.sha256, 'hex').copy(content, at);
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
