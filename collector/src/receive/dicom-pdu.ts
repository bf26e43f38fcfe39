/**
 * What our SCUs write and read of the DICOM upper layer (PS3.8 §9.3) and of DIMSE (PS3.7 §6.3): one presentation context,
 * number 1, Implicit VR Little Endian, which every peer has to take. Our own few lines: the DIMSE library at hand throws out of
 * socket handlers when a peer answers with anything but DICOM, which would take the receivers down with it.
 */

export interface DicomPeer {
  readonly host: string;
  readonly port: number;
  readonly calledAe: string;
  readonly callingAe: string;
  /** Longest silence, ms. */
  readonly timeoutMs: number;
  /** Longest exchange, ms; as long as the longest silence unless told. */
  readonly totalMs?: number;
}

const applicationContext = '1.2.840.10008.3.1.1.1';
const implicitLittleEndian = '1.2.840.10008.1.2';
const implementation = '2.25.149015327849772729756765805661998602904';

export const pdu = {
  associate: 1,
  accept: 2,
  reject: 3,
  data: 4,
  release: 5,
  released: 6,
  abort: 7
} as const;

export function frame(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt8(type, 0);
  head.writeUInt32BE(body.length, 2);
  return Buffer.concat([head, body]);
}

/** Item of an association PDU: type, reserved, 16-bit length. */
function item(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt8(type, 0);
  head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
}

/** A-ASSOCIATE-RQ for one abstract syntax. */
export function associateRequest({ calledAe, callingAe }: DicomPeer, abstractSyntax: string): Buffer {
  const titles = Buffer.from(calledAe.padEnd(16) + callingAe.padEnd(16), 'latin1');
  const maxLength = Buffer.alloc(4);
  maxLength.writeUInt32BE(16_384);
  const syntaxes = [
    Buffer.from([1, 0, 0, 0]),
    item(0x30, Buffer.from(abstractSyntax)),
    item(0x40, Buffer.from(implicitLittleEndian))
  ];
  const user = [
    item(0x51, maxLength),
    item(0x52, Buffer.from(implementation)),
    item(0x55, Buffer.from('VIGIE'))
  ];
  return frame(
    pdu.associate,
    Buffer.concat([
      Buffer.from([0, 1, 0, 0]),
      titles,
      Buffer.alloc(32),
      item(0x10, Buffer.from(applicationContext)),
      item(0x20, Buffer.concat(syntaxes)),
      item(0x50, Buffer.concat(user))
    ])
  );
}

/** Whether the presentation context 1 is accepted (PS3.8 table 9-18: result 0). */
export function isAccepted(body: Buffer): boolean {
  for (let at = 68; at + 4 <= body.length;) {
    const length = body.readUInt16BE(at + 2);
    if (body[at] === 0x21 && at + 6 < body.length && body[at + 4] === 1) return body[at + 6] === 0;
    at += 4 + length;
  }
  return false;
}

/** Longest PDV we send, its two bytes of head included: every peer takes PDUs of 4 KB. */
const longestPdv = 4000;

/** P-DATA-TF PDUs of one command set or data set. */
export function dataPdus(kind: 'command' | 'data', content: Buffer): Buffer {
  const pdus: Buffer[] = [];
  for (let at = 0; at === 0 || at < content.length; at += longestPdv) {
    const part = content.subarray(at, at + longestPdv);
    const last = at + longestPdv >= content.length;
    const head = Buffer.alloc(6);
    head.writeUInt32BE(part.length + 2, 0);
    head.writeUInt8(1, 4);
    head.writeUInt8((kind === 'command' ? 1 : 0) | (last ? 2 : 0), 5);
    pdus.push(frame(pdu.data, Buffer.concat([head, part])));
  }
  return Buffer.concat(pdus);
}

export interface Fragment {
  readonly command: boolean;
  readonly last: boolean;
  readonly bytes: Buffer;
}

/** Presentation data values of a P-DATA-TF; null when it is malformed. */
export function readFragments(body: Buffer): Fragment[] | null {
  const fragments: Fragment[] = [];
  for (let at = 0; at < body.length;) {
    if (at + 6 > body.length) return null;
    const length = body.readUInt32BE(at);
    const control = body[at + 5] ?? 0;
    if (length < 2 || at + 4 + length > body.length) return null;
    const bytes = body.subarray(at + 6, at + 4 + length);
    fragments.push({ command: (control & 1) !== 0, last: (control & 2) !== 0, bytes });
    at += 4 + length;
  }
  return fragments;
}

/** One element, implicit little endian. Tag: group and element in one number. */
export function element(tag: number, value: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(tag >>> 16, 0);
  head.writeUInt16LE(tag & 0xffff, 2);
  head.writeUInt32LE(value.length, 4);
  return Buffer.concat([head, value]);
}

/** A text value, padded to an even length as its VR wants it. */
export function textElement(tag: number, text: string, pad: ' ' | '\0' = ' '): Buffer {
  return element(tag, Buffer.from(text.length % 2 === 0 ? text : text + pad, 'latin1'));
}

export const unsigned = (value: number): Buffer => Buffer.from([value & 0xff, value >> 8]);

/** A command set with its group length (0000,0000). */
export function commandSet(...elements: readonly Buffer[]): Buffer {
  const body = Buffer.concat(elements);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([element(0, length), body]);
}

/**
 * Elements of a flat data set in implicit little endian, by tag.
 * @returns null for what is cut short, and for sequences of undefined length, which nobody asked for
 */
export function readElements(bytes: Buffer): Map<number, Buffer> | null {
  const found = new Map<number, Buffer>();
  let at = 0;
  while (at < bytes.length) {
    if (at + 8 > bytes.length) return null;
    const tag = bytes.readUInt16LE(at) * 0x10000 + bytes.readUInt16LE(at + 2);
    const length = bytes.readUInt32LE(at + 4);
    if (at + 8 + length > bytes.length) return null;
    found.set(tag, bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return found;
}

/** (0000,0900) of a command set; undefined when it is not there. */
export function statusOf(command: Map<number, Buffer> | null): number | undefined {
  const value = command?.get(0x0000_0900);
  return value !== undefined && value.length >= 2 ? value.readUInt16LE(0) : undefined;
}
