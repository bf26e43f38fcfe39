/** One captured packet, as a range of a buffer that is the reader's own: it is not to be kept. */
export type PacketSink = (
  bytes: Uint8Array,
  start: number,
  end: number,
  /** Bytes the packet had on the wire; more than `end - start` when the capture cut it. */
  wireLength: number,
  /** Link type of the interface (LINKTYPE_ of tcpdump.org/linktypes.html). */
  link: number,
  /** Milliseconds since 1970, with fraction. */
  at: number
) => void;

/** Reads blocks of a capture file from a range of bytes. */
export interface BlockReader {
  /** @returns where the first block begins that is not whole yet @throws {CaptureError} */
  read(bytes: Buffer, from: number): number;
}

/** Largest block that is believed: tcpdump's largest packet is 262,144 bytes. */
export const largestBlock = 2_097_152;
