import { CaptureError } from './capture-error.ts';
import { largestBlock, type BlockReader, type PacketSink } from './packets.ts';

/** Block types of draft-ietf-opsawg-pcapng 4. */
const section = 0x0a0d0d0a;
const interfaceDescription = 1;
const oldPacket = 2;
const simplePacket = 3;
const interfaceStatistics = 5;
const enhancedPacket = 6;
const byteOrderMagic = 0x1a2b3c4d;
const mostInterfaces = 1024;

interface Interface {
  readonly link: number;
  readonly snapLength: number;
  /** Milliseconds of one unit of its timestamps. */
  readonly unitMs: number;
  readonly offsetMs: number;
  /** Packets it says it dropped; cumulative. */
  dropped: number;
}

/** From 1970 to 9999, as dates of four digits are written. */
const isTime = (ms: number) => ms >= 0 && ms < 253_402_300_800_000;

export const isPcapng = (magic: number): boolean => magic === section;

/** pcapng: sections of either byte order, several interfaces with clocks of their own, drops as interfaces tell them. */
export class PcapngReader implements BlockReader {
  readonly #sink: PacketSink;
  readonly #dropped: (packets: number) => void;
  readonly #timeless: () => void;
  #little = true;
  #interfaces: Interface[] = [];
  #lastAt = 0;

  /** @param timeless told of each packet whose time is none */
  constructor(sink: PacketSink, dropped: (packets: number) => void, timeless: () => void) {
    this.#sink = sink;
    this.#dropped = dropped;
    this.#timeless = timeless;
  }

  read(bytes: Buffer, from: number): number {
    let at = from;
    while (at + 12 <= bytes.length) {
      // The type of a section header reads the same in both orders.
      const starts = bytes.readUInt32LE(at) === section;
      if (starts) this.#begin(bytes, at);
      const length = this.#u32(bytes, at + 4);
      if (length < 12 || length > largestBlock || length % 4 !== 0)
        throw new CaptureError('is damaged: a block has an impossible length');
      if (at + length > bytes.length) break;
      if (!starts) this.#block(bytes, this.#u32(bytes, at), at + 8, at + length - 4);
      at += length;
    }
    return at;
  }

  #begin(bytes: Buffer, at: number): void {
    const little = bytes.readUInt32LE(at + 8) === byteOrderMagic;
    if (!little && bytes.readUInt32BE(at + 8) !== byteOrderMagic)
      throw new CaptureError('is damaged: a section does not tell its byte order');
    this.#little = little;
    this.#interfaces = [];
  }

  #block(bytes: Buffer, type: number, start: number, end: number): void {
    switch (type) {
      case interfaceDescription:
        return this.#describe(bytes, start, end);
      case enhancedPacket:
      case oldPacket: {
        if (end - start < 20) return;
        const id = type === enhancedPacket ? this.#u32(bytes, start) : this.#u16(bytes, start);
        const from = this.#interfaces[id];
        if (from === undefined) throw new CaptureError('is damaged: a packet names no interface of it');
        const units = this.#u32(bytes, start + 4) * 4_294_967_296 + this.#u32(bytes, start + 8);
        const at = units * from.unitMs + from.offsetMs;
        // A clock that was never set, or a damaged block: what it says of no day is not told.
        if (!isTime(at)) return this.#timeless();
        this.#lastAt = at;
        const captured = Math.min(this.#u32(bytes, start + 12), end - start - 20);
        return this.#packet(bytes, start + 20, captured, this.#u32(bytes, start + 16), from.link);
      }
      case simplePacket: {
        const from = this.#interfaces[0];
        if (from === undefined || end - start < 4) return;
        const wire = this.#u32(bytes, start);
        const captured = Math.min(wire, from.snapLength || wire, end - start - 4);
        // It carries no time: that of the packet before it is the nearest known.
        return this.#packet(bytes, start + 4, captured, wire, from.link);
      }
      case interfaceStatistics:
        return this.#statistics(bytes, start, end);
      default:
        // Names, journals, secrets and custom blocks carry no packet.
        return;
    }
  }

  #packet(bytes: Buffer, start: number, captured: number, wire: number, link: number): void {
    this.#sink(bytes, start, start + captured, Math.max(wire, captured), link, this.#lastAt);
  }

  #describe(bytes: Buffer, start: number, end: number): void {
    if (end - start < 8) throw new CaptureError('is damaged: an interface is not described');
    if (this.#interfaces.length >= mostInterfaces) throw new CaptureError('describes too many interfaces');
    let [unitMs, offsetMs] = [1e-3, 0];
    this.#options(bytes, start + 8, end, (code, at, length) => {
      // if_tsresol: a power of ten, or of two when the top bit is set; if_tsoffset: seconds.
      const told = bytes[at] ?? 0;
      if (code === 9 && length >= 1)
        unitMs = 1000 * (told & 0x80 ? 2 ** -(told & 0x7f) : 10 ** -(told & 0x7f));
      if (code === 14 && length >= 8)
        offsetMs = 1000 * Number(this.#little ? bytes.readBigInt64LE(at) : bytes.readBigInt64BE(at));
    });
    const [link, snapLength] = [this.#u16(bytes, start), this.#u32(bytes, start + 4)];
    this.#interfaces.push({ link, snapLength, unitMs, offsetMs, dropped: 0 });
  }

  /** isb_ifdrop (5) and isb_osdrop (7) count from the start of the capture. */
  #statistics(bytes: Buffer, start: number, end: number): void {
    const from = end - start >= 12 ? this.#interfaces[this.#u32(bytes, start)] : undefined;
    if (from === undefined) return;
    let dropped = 0;
    this.#options(bytes, start + 12, end, (code, at, length) => {
      if ((code === 5 || code === 7) && length >= 8)
        dropped += Number(this.#little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
    });
    if (dropped > from.dropped) {
      this.#dropped(dropped - from.dropped);
      from.dropped = dropped;
    }
  }

  #options(
    bytes: Buffer,
    start: number,
    end: number,
    each: (code: number, at: number, length: number) => void
  ): void {
    for (let at = start; at + 4 <= end;) {
      const [code, length] = [this.#u16(bytes, at), this.#u16(bytes, at + 2)];
      if (code === 0 || at + 4 + length > end) return;
      each(code, at + 4, length);
      at += 4 + Math.ceil(length / 4) * 4;
    }
  }

  #u32(bytes: Buffer, at: number): number {
    return this.#little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  }

  #u16(bytes: Buffer, at: number): number {
    return this.#little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
  }
}
