import { CaptureError } from './capture-error.ts';
import { largestBlock, type BlockReader, type PacketSink } from './packets.ts';
import { isPcap, PcapReader } from './pcap.ts';
import { isPcapng, PcapngReader } from './pcapng.ts';

/**
 * A capture that arrives in pieces, pcap or pcapng, as its first bytes say. Holds at most one block that is not whole yet.
 */
export class Capture {
  readonly #sink: PacketSink;
  readonly #dropped: (packets: number) => void;
  readonly #timeless: () => void;
  #reader: BlockReader | undefined;
  #rest: Buffer = Buffer.alloc(0);

  /**
   * @param dropped told of packets that the capturing machine says it lost
   * @param timeless told of each packet that is passed over because its time is none
   */
  constructor(sink: PacketSink, dropped: (packets: number) => void, timeless: () => void) {
    this.#sink = sink;
    this.#dropped = dropped;
    this.#timeless = timeless;
  }

  /** @throws {CaptureError} when the bytes are no capture, or damaged: nothing after can be read */
  push(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#reader ??= this.#readerOf(bytes);
    const next = this.#reader?.read(bytes, 0) ?? 0;
    // A copy, so that a few bytes do not keep a whole chunk alive.
    this.#rest = next === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(next));
    if (this.#rest.length > largestBlock + 64) throw new CaptureError('is damaged: a block does not end');
  }

  /** Bytes of a last block that was cut. */
  get unread(): number {
    return this.#rest.length;
  }

  #readerOf(bytes: Buffer): BlockReader | undefined {
    if (bytes.length < 4) return undefined;
    const magic = bytes.readUInt32LE(0);
    if (isPcap(magic)) return new PcapReader(this.#sink);
    if (isPcapng(magic)) return new PcapngReader(this.#sink, this.#dropped, this.#timeless);
    throw new CaptureError(
      'is neither pcap nor pcapng: write it with tcpdump -w, and unzip it first if it is zipped'
    );
  }
}
