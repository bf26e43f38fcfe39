/** PDUs, items and elements as the simulated archives write them (PS3.8 §9.3; Implicit VR Little Endian). */

export const item = (type: number, ...content: Buffer[]): Buffer => {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(4);
  head.writeUInt8(type, 0);
  head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
};

export const pdu = (type: number, body: Buffer): Buffer => {
  const head = Buffer.alloc(6);
  head.writeUInt8(type, 0);
  head.writeUInt32BE(body.length, 2);
  return Buffer.concat([head, body]);
};

/** Tag: group and element in one number. */
export const element = (tag: number, value: Buffer | string): Buffer => {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  const padded = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from(' ')]);
  const head = Buffer.alloc(8);
  head.writeUInt16LE(tag >>> 16, 0);
  head.writeUInt16LE(tag & 0xffff, 2);
  head.writeUInt32LE(padded.length, 4);
  return Buffer.concat([head, padded]);
};

export const us = (value: number): Buffer => Buffer.of(value & 0xff, value >> 8);

/** P-DATA-TF with one command set or data set, whole. */
export function dataPdu(context: number, kind: 'command' | 'data', content: Buffer): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt32BE(content.length + 2, 0);
  head.writeUInt8(context, 4);
  head.writeUInt8(kind === 'command' ? 3 : 2, 5);
  return pdu(0x04, Buffer.concat([head, content]));
}

export function commandSet(...elements: readonly Buffer[]): Buffer {
  const body = Buffer.concat(elements);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([element(0, length), body]);
}

/** Elements of a flat data set by tag; undefined when it is cut short. */
export function elementsOf(bytes: Buffer): Map<number, Buffer> | undefined {
  const found = new Map<number, Buffer>();
  for (let at = 0; at < bytes.length;) {
    if (at + 8 > bytes.length) return undefined;
    const length = bytes.readUInt32LE(at + 4);
    if (at + 8 + length > bytes.length) return undefined;
    found.set(
      bytes.readUInt16LE(at) * 0x10000 + bytes.readUInt16LE(at + 2),
      bytes.subarray(at + 8, at + 8 + length)
    );
    at += 8 + length;
  }
  return found;
}
