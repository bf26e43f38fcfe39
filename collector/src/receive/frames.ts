import { createHash, type Hash } from 'node:crypto';
import { findFrame, stepFrame } from './frame-step.ts';

/** One message as framed: its bytes (a view into what was read, which nobody writes to again), or the head of one that is too large. */
export interface Frame {
  readonly raw: Buffer;
  readonly oversize?: { readonly bytes: number; readonly sha256: string };
}

/** Bytes kept of a message beyond the cap. */
const headBytes = 65_536;
/** Below this an unfinished line is looked at again with every chunk; above, only once it has grown by a quarter. */
const eagerBytes = 262_144;
/** Longest head by which the next frame is known: a line feed, nine digits, a space, `<191>`. */
const markBytes = 24;

/** An oversize message being passed over: its head is kept, the whole is hashed. */
interface Skip {
  /** Bytes still to come; undefined for a message without a count, which ends where the next one begins. */
  left: number | undefined;
  bytes: number;
  head: Buffer;
  /** Not hashed yet: may hold the beginning of the next frame. */
  tail: Buffer;
  readonly hash: Hash;
}

/**
 * Splits a syslog byte stream (RFC 5425, RFC 6587) into messages; frame-step.ts says where each ends. Whatever the chunks,
 * the frames are the same, and every byte but separators and octet counts is in exactly one frame. The work for a message
 * grows with its size, not with its square: the buffer doubles, and a long unfinished one is not searched for each chunk.
 */
export class FrameSplitter {
  readonly #cap: number;
  /** The unfinished bytes are `#buffer[0, #length)`. */
  #buffer: Buffer = Buffer.alloc(0);
  #length = 0;
  /** Length at which another look is worth it. */
  #wanted = 0;
  #counted = false;
  #skip: Skip | undefined;

  /** @param cap largest message kept whole, bytes */
  constructor(cap: number) {
    this.#cap = cap;
  }

  /** Bytes held back, waiting for the end of their frame. */
  get pending(): number {
    return this.#length;
  }

  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = [];
    const data = this.#skip ? this.#pass(this.#skip, chunk, frames) : chunk;
    if (data.length > 0) this.#split(data, frames, false, false);
    return frames;
  }

  /** Nothing came for a while: what is whole but for its end mark is a frame; what is surely unfinished stays. */
  quiet(): Frame[] {
    const frames: Frame[] = [];
    if (this.#skip?.left === undefined) this.#finish(frames);
    this.#split(Buffer.alloc(0), frames, true, false);
    return frames;
  }

  /** The stream ended: what is held back is a frame by itself. */
  end(): Frame[] {
    const frames: Frame[] = [];
    this.#finish(frames);
    this.#split(Buffer.alloc(0), frames, true, true);
    return frames;
  }

  /** Memory is short: keeps only the head of the unfinished message, and hashes the rest of it as it comes. */
  cut(): Frame[] {
    const frames: Frame[] = [];
    if (this.#length === 0) return frames;
    const held = this.#buffer.subarray(0, this.#length);
    this.#forget();
    const step = stepFrame(held, 0, { maxBytes: 0, counted: this.#counted, quiet: false, ended: false });
    const rest =
      step.kind === 'oversize'
        ? this.#pass(this.#begin(step.bytes), held.subarray(step.start), frames)
        : this.#pass(this.#begin(undefined), held, frames);
    if (rest.length > 0) this.#split(rest, frames, false, false);
    return frames;
  }

  #split(chunk: Buffer, frames: Frame[], quiet: boolean, ended: boolean): void {
    const data = this.#complete(chunk, frames, quiet, ended);
    const view = this.#append(data);
    if (view.length < this.#wanted && !quiet) return;
    this.#wanted = 0;
    let at = 0;
    while (at < view.length) {
      const step = stepFrame(view, at, { maxBytes: this.#cap, counted: this.#counted, quiet, ended });
      if (step.kind === 'need') {
        const held = view.length - at;
        this.#wanted = step.size ?? (held < eagerBytes ? 0 : Math.floor(held * 1.25));
        break;
      }
      if (step.kind === 'oversize') {
        this.#counted = true;
        at = view.length - this.#pass(this.#begin(step.bytes), view.subarray(step.start), frames).length;
        if (ended) this.#finish(frames);
        continue;
      }
      if (step.kind === 'frame') {
        if (step.counted) this.#counted = true;
        const raw = view.subarray(step.start, step.end);
        frames.push(raw.length > this.#cap ? oversizeFrame(raw) : { raw });
      }
      at = step.next;
    }
    this.#keep(view, at);
    if (this.#length <= this.#cap + headBytes) return;
    const held = this.#buffer.subarray(0, this.#length);
    this.#forget();
    this.#keep(this.#pass(this.#begin(undefined), held, frames), 0);
  }

  /**
   * Ends the one frame that is held with the bytes it lacks, where its count tells how many and it ends as it should: so that a
   * chunk is not copied whole because of it. Returns what follows them; everything, when the held bytes need another look.
   */
  #complete(chunk: Buffer, frames: Frame[], quiet: boolean, ended: boolean): Buffer {
    const missing = this.#wanted - this.#length;
    if (this.#length === 0 || missing <= 0 || chunk.length < missing || this.#wanted > this.#cap)
      return chunk;
    const whole = Buffer.concat([this.#buffer.subarray(0, this.#length), chunk.subarray(0, missing)]);
    const options = { maxBytes: this.#cap, counted: this.#counted, quiet, ended };
    const step = stepFrame(whole, 0, options);
    if (step.kind !== 'frame' || !step.counted || step.next !== whole.length) return chunk;
    this.#forget();
    this.#counted = true;
    frames.push({ raw: whole.subarray(step.start, step.end) });
    return chunk.subarray(missing);
  }

  /** Adds to what is held; with nothing held the chunk itself serves, uncopied. */
  #append(data: Buffer): Buffer {
    if (this.#length === 0) return data;
    const length = this.#length + data.length;
    if (length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    data.copy(this.#buffer, this.#length);
    this.#length = length;
    return this.#buffer.subarray(0, length);
  }

  /** Holds back `view` from `at` on. */
  #keep(view: Buffer, at: number): void {
    if (at === 0 && this.#length === view.length && this.#length > 0) return;
    const rest = view.subarray(at);
    const own = Buffer.allocUnsafe(rest.length === 0 ? 0 : Math.max(4096, rest.length));
    rest.copy(own);
    this.#buffer = own;
    this.#length = rest.length;
  }

  #forget(): void {
    this.#buffer = Buffer.alloc(0);
    this.#length = 0;
    this.#wanted = 0;
  }

  #begin(left: number | undefined): Skip {
    const skip = { left, bytes: 0, head: Buffer.alloc(0), tail: Buffer.alloc(0), hash: createHash('sha256') };
    this.#skip = skip;
    return skip;
  }

  /** Passes over `data` as far as it belongs to the oversize message. Returns what follows it. */
  #pass(skip: Skip, data: Buffer, frames: Frame[]): Buffer {
    if (skip.left !== undefined) {
      const part = data.subarray(0, skip.left);
      absorb(skip, part);
      skip.left -= part.length;
      if (skip.left === 0) this.#finish(frames);
      return data.subarray(part.length);
    }
    const seen = Buffer.concat([skip.tail, data]);
    const next = findFrame(seen, 1, seen.length, true);
    const sure = next < 0 ? Math.max(0, seen.length - markBytes) : next;
    absorb(skip, seen.subarray(0, sure));
    skip.tail = next < 0 ? Buffer.from(seen.subarray(sure)) : Buffer.alloc(0);
    if (next < 0) return Buffer.alloc(0);
    this.#finish(frames);
    return seen.subarray(next);
  }

  #finish(frames: Frame[]): void {
    if (!this.#skip) return;
    const { hash, head, bytes } = absorb(this.#skip, this.#skip.tail);
    frames.push({ raw: head, oversize: { bytes, sha256: hash.digest('hex') } });
    this.#skip = undefined;
  }
}

function absorb(skip: Skip, part: Buffer): Skip {
  skip.hash.update(part);
  skip.bytes += part.length;
  if (skip.head.length < headBytes)
    skip.head = Buffer.concat([skip.head, part.subarray(0, headBytes - skip.head.length)]);
  return skip;
}

/** Head and hash of a message beyond its cap. */
export function oversizeFrame(raw: Buffer): Frame {
  const sha256 = createHash('sha256').update(raw).digest('hex');
  return { raw: Buffer.from(raw.subarray(0, headBytes)), oversize: { bytes: raw.length, sha256 } };
}
