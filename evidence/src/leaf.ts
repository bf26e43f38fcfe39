import { hash, hkdfSync } from 'node:crypto';
import type { Digest } from './merkle.ts';

/** What a leaf commits to of one reception: its bytes and how they came. A record of a raw object is one. */
export interface LeafRecord {
  readonly raw: Buffer;
  readonly format: string;
  readonly transport: string;
  readonly peer: string;
  readonly source: string;
  /** Milliseconds since 1970, UTC. */
  readonly receivedAt: number;
  /** Set when `raw` is the head of a larger message: its size in bytes and SHA-256 in hexadecimal. */
  readonly oversize?: { readonly bytes: number; readonly sha256: string };
}

/**
 * The leaf of one reception, version 1, for ever. Its content (hashed as an RFC 6962 leaf) is
 *   u32 index in the block · f64 reception time (ms since 1970) · u16 length, source · u16 length, transport
 *   · u16 length, peer · u16 length, format · u8 1 when oversize: f64 size and 32 bytes SHA-256 of the whole, else u8 0
 *   · 16 bytes salt · 32 bytes SHA-256 of the raw bytes kept                   (integers and floats big-endian)
 * The salt keeps a leaf from revealing a guessable message; it comes from the block's data key, so that level 2 can redo it.
 */
export function leafContent(index: number, record: LeafRecord, salt: Digest): Buffer {
  const { oversize } = record;
  const via = viaBytes(record);
  const content = Buffer.allocUnsafe(4 + 8 + via.length + 1 + (oversize ? 40 : 0) + 16 + 32);
  let at = content.writeDoubleBE(record.receivedAt, content.writeUInt32BE(index, 0));
  at += via.copy(content, at);
  at = content.writeUInt8(oversize ? 1 : 0, at);
  if (oversize) {
    at = content.writeDoubleBE(oversize.bytes, at);
    at += Buffer.from(oversize.sha256, 'hex').copy(content, at);
  }
  at += content.write(salt, at, 16, 'latin1');
  content.write(hash('sha256', record.raw, 'binary'), at, 32, 'latin1');
  return content;
}

let lastVia = { source: '', transport: '', peer: '', format: '', bytes: Buffer.alloc(0) };

/** Source, transport, peer and format, each after its length. Receptions of one connection follow each other: made once. */
function viaBytes({ source, transport, peer, format }: LeafRecord): Buffer {
  const { bytes } = lastVia;
  const again = lastVia.source === source && lastVia.peer === peer && lastVia.format === format;
  if (again && lastVia.transport === transport && bytes.length > 0) return bytes;
  const parts = [source, transport, peer, format].map((text) => {
    const field = Buffer.alloc(2 + Buffer.byteLength(text));
    field.write(text, field.writeUInt16BE(field.length - 2));
    return field;
  });
  lastVia = { source, transport, peer, format, bytes: Buffer.concat(parts) };
  return lastVia.bytes;
}

/** Salt key of a block: HKDF-SHA256(data key, "vigie leaf salt 1"), 32 bytes. */
export function saltKeyOf(dataKey: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', dataKey, Buffer.alloc(0), 'vigie leaf salt 1', 32));
}

/** Salts of a block: SHA-256(salt key ‖ u32 index), first 16 bytes. */
export function saltsOf(saltKey: Buffer): (index: number) => Digest {
  const input = Buffer.alloc(36);
  saltKey.copy(input);
  return (index) => {
    input.writeUInt32BE(index, 32);
    return hash('sha256', input, 'binary').slice(0, 16);
  };
}
