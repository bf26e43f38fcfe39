import { CaptureError } from './capture-error.ts';
import { largestBlock, type BlockReader, type PacketSink } from './packets.ts';

const headerBytes = 24;
const recordBytes = 16;

/** First four bytes, read little-endian → byte order and unit of fractions of a second. */
const magics = new Map([
  [0xa1b2c3d4, { little: true, perMs: 1e3 }],
  [0xa1b23c4d, { little: true, perMs: 1e6 }],
  [0xd4c3b2a1, { little: false, perMs: 1e3 }],
  [0x4d3cb2a1, { little: false, perMs: 1e6 }]
]);

export const isPcap = (magic: number): boolean => magics.has(magic);

/** Classic pcap (draft-ietf-opsawg-pcap): either byte order, micro- or nanoseconds. */
export class PcapReader implements BlockReader {
  readonly #sink: PacketSink;
  #link = -1;
  #little = true;
  #perMs = 1e3;

  constructor(sink: PacketSink) {
    this.#sink = sink;
  }

  read(bytes: Buffer, from: number): number {
    let at = from;
    if (this.#link < 0) {
      if (bytes.length - at < headerBytes) return at;
      const kind = magics.get(bytes.readUInt32LE(at));
      if (kind === undefined) throw new CaptureError('does not begin like a pcap file');
      ({ little: this.#little, perMs: this.#perMs } = kind);
      // The upper half holds the length of frame check sequences (draft-ietf-opsawg-pcap 4).
      this.#link = this.#u32(bytes, at + 20) & 0xffff;
      at += headerBytes;
    }
    while (at + recordBytes <= bytes.length) {
      const captured = this.#u32(bytes, at + 8);
      if (captured > largestBlock)
        throw new CaptureError('is damaged: a packet says it is longer than any can be');
      const start = at + recordBytes;
      const end = start + captured;
      if (end > bytes.length) break;
      const time = this.#u32(bytes, at) * 1000 + this.#u32(bytes, at + 4) / this.#perMs;
      this.#sink(bytes, start, end, Math.max(captured, this.#u32(bytes, at + 12)), this.#link, time);
      at = end;
    }
    return at;
  }

  #u32(bytes: Buffer, at: number): number {
    return this.#little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  }
}
