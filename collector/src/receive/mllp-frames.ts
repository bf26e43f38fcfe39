import { createHash, type Hash } from 'node:crypto';

/** MLLP: start block, end block. The carriage return after the end block is optional here. */
const start = 0x0b;
const end = 0x1c;
const headBytes = 65_536;

export interface MllpFrame {
  readonly raw: Buffer;
  /** False for bytes that no block held, or a block that another one cut off: nobody waits for their ack. */
  readonly framed: boolean;
  readonly oversize?: { readonly bytes: number; readonly sha256: string };
}

/**
 * Cuts a byte stream into MLLP blocks, whatever the chunks. What stands outside blocks, other than blanks, comes out
 * as a frame of its own, so that a sender with wrong framing is seen. Beyond the cap only the head is held.
 */
export class MllpSplitter {
  readonly #cap: number;
  #inside = false;
  #parts: Buffer[] = [];
  #held = 0;
  #bytes = 0;
  #hash: Hash | null = null;

  constructor(cap: number) {
    this.#cap = cap;
  }

  /** Bytes held of an unfinished frame. */
  get pending(): number {
    return this.#held;
  }

  push(chunk: Buffer): MllpFrame[] {
    const frames: MllpFrame[] = [];
    let at = 0;
    while (at < chunk.length) {
      const mark = this.#nextMark(chunk, at);
      this.#take(chunk.subarray(at, mark < 0 ? chunk.length : mark));
      if (mark < 0) break;
      const closes = chunk[mark] === end;
      frames.push(...this.#finish(this.#inside && closes));
      this.#inside = !closes;
      at = mark + 1;
    }
    return frames;
  }

  /** What is left when the connection ends. */
  end(): MllpFrame[] {
    return this.#finish(false);
  }

  #nextMark(chunk: Buffer, from: number): number {
    const marks = [chunk.indexOf(start, from), chunk.indexOf(end, from)].filter((at) => at >= 0);
    return marks.length === 0 ? -1 : Math.min(...marks);
  }

  #take(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#bytes += bytes.length;
    if (this.#hash === null && this.#bytes > this.#cap) {
      this.#hash = createHash('sha256');
      for (const part of this.#parts) this.#hash.update(part);
      const head = Buffer.concat([...this.#parts, bytes]).subarray(0, headBytes);
      this.#parts = [Buffer.from(head)];
      this.#held = head.length;
      this.#hash.update(bytes);
    } else if (this.#hash !== null) this.#hash.update(bytes);
    else {
      this.#parts.push(Buffer.from(bytes));
      this.#held += bytes.length;
    }
  }

  #finish(framed: boolean): MllpFrame[] {
    const raw = Buffer.concat(this.#parts);
    const oversize =
      this.#hash === null ? undefined : { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
    this.#parts = [];
    this.#held = 0;
    this.#bytes = 0;
    this.#hash = null;
    if (!framed && isBlank(raw)) return [];
    return [{ raw, framed, ...(oversize && { oversize }) }];
  }
}

const isBlank = (bytes: Buffer) => bytes.every((byte) => byte === 0x0d || byte === 0x0a || byte === 0x20);
