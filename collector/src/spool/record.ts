import { formats, transports, type Reception } from '../reception.ts';

/**
 * A batch as it lies in the spool, version 1 (integers big-endian):
 *   u8 version · u32 count · count × record
 *   record: f64 receivedAt · u8 format · u8 transport · u8 flags · u16 length, peer · u16 length, source
 *           · [flags & 1: f64 whole size, 32 bytes SHA-256] · u32 length, raw
 * `format` and `transport` are positions in the lists of reception.ts, which only grow.
 */
const version = 1;

/** Bytes of a record beside its texts and its raw bytes. */
const fixedBytes = 8 + 1 + 1 + 1 + 2 + 2 + 4;

/**
 * Writes receptions of one lane as one value.
 * @param allocate gives a buffer of a size, with whatever was in it
 */
export function encodeBatch(
  receptions: readonly Reception[],
  allocate: (size: number) => Buffer = Buffer.allocUnsafe
): Buffer {
  let size = 5;
  for (const { raw, peer, source, oversize } of receptions)
    size +=
      fixedBytes + Buffer.byteLength(peer) + Buffer.byteLength(source) + (oversize ? 40 : 0) + raw.length;
  const value = allocate(size);
  let at = value.writeUInt32BE(receptions.length, value.writeUInt8(version, 0));
  const text = (written: string) => {
    const length = value.write(written, at + 2);
    at = value.writeUInt16BE(length, at) + length;
  };
  for (const { raw, format, transport, peer, source, receivedAt, oversize } of receptions) {
    at = value.writeDoubleBE(receivedAt, at);
    at = value.writeUInt8(formats.indexOf(format), at);
    at = value.writeUInt8(transports.indexOf(transport), at);
    at = value.writeUInt8(oversize ? 1 : 0, at);
    text(peer);
    text(source);
    if (oversize) {
      at = value.writeDoubleBE(oversize.bytes, at);
      at += value.write(oversize.sha256, at, 'hex');
    }
    at = value.writeUInt32BE(raw.length, at);
    at += raw.copy(value, at);
  }
  return value;
}

/** How many records a batch holds, without reading them. */
export function batchCount(value: Buffer): number {
  if (value.readUInt8(0) !== version)
    throw new Error(
      `spool batch version ${value.readUInt8(0)} is not known: this version is older than the data`
    );
  return value.readUInt32BE(1);
}

/** Reception time of a batch's first record, ms. */
export function batchReceivedAt(value: Buffer): number {
  return value.readDoubleBE(5);
}

/** Reads a batch back. The raw bytes are views into `value`. */
export function decodeBatch(value: Buffer): Reception[] {
  const count = batchCount(value);
  const receptions: Reception[] = [];
  let at = 5;
  const text = () => {
    const length = value.readUInt16BE(at);
    at += 2 + length;
    return value.toString('utf8', at - length, at);
  };
  for (let i = 0; i < count; i++) {
    const receivedAt = value.readDoubleBE(at);
    const format = formats[value.readUInt8(at + 8)];
    const transport = transports[value.readUInt8(at + 9)];
    const flags = value.readUInt8(at + 10);
    if (!format || !transport)
      throw new Error(
        'a spool record names an unknown format or transport: this version is older than the data'
      );
    at += 11;
    const peer = text();
    const source = text();
    const oversize =
      flags & 1
        ? { bytes: value.readDoubleBE(at), sha256: value.toString('hex', at + 8, at + 40) }
        : undefined;
    if (oversize) at += 40;
    const length = value.readUInt32BE(at);
    at += 4 + length;
    const raw = value.subarray(at - length, at);
    receptions.push({ raw, format, transport, peer, source, receivedAt, ...(oversize && { oversize }) });
  }
  return receptions;
}
