import type { SensorCounts } from '../counts.ts';
import type { Segment } from '../capture/segment.ts';

/** What reads one direction of a connection in order. Ranges are of buffers that are reused: nothing of them is to be kept. */
export interface StreamSink {
  data(bytes: Uint8Array, start: number, end: number, at: number): void;
  /** Bytes that were sent and that the capture does not hold. */
  gap(length: number, at: number): void;
}

/** Bytes held back by all streams together, so that many holes cannot fill the memory. */
export interface HeldBudget {
  bytes: number;
}

interface Held {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** Bytes after them that the capture cut. */
  readonly missing: number;
}

const heldByOne = 4_000_000;
const heldByAll = 64_000_000;
/** A hole is given up when the receiver acknowledged what was in it and this time has passed: mirrors reorder by microseconds. */
const patienceMs = 500;
/** Further ahead than any receive window in use: not of this stream. */
const farthest = 0x0800_0000;

/**
 * One direction of a TCP connection, put in order. Sequence numbers are 32-bit and wrap; differences are taken in 32 bits.
 * Segments after a hole are held (copied) until it is filled, given up, or too much is held.
 */
export class Stream {
  readonly #sink: StreamSink;
  readonly #counts: SensorCounts;
  readonly #budget: HeldBudget;
  #next = 0;
  #known = false;
  #spoken = false;
  #held: Held[] = [];
  #heldBytes = 0;
  #holeSince = 0;
  #end: number | undefined;

  constructor(sink: StreamSink, counts: SensorCounts, budget: HeldBudget) {
    this.#sink = sink;
    this.#counts = counts;
    this.#budget = budget;
  }

  get known(): boolean {
    return this.#known;
  }

  /** Whether anything was sent. */
  get spoken(): boolean {
    return this.#spoken;
  }

  /** The sequence number of the first byte. */
  begin(sequence: number): void {
    this.#next = sequence | 0;
    this.#known = true;
  }

  /** Whether everything up to the sender's FIN was seen. */
  get ended(): boolean {
    return this.#end !== undefined && ((this.#end - this.#next) | 0) <= 0;
  }

  receive(segment: Segment, bytes: Uint8Array, at: number): void {
    let { start, missing } = segment;
    const { end, sequence } = segment;
    const length = end - start + missing;
    if (segment.fin) this.#end = (sequence + length) | 0;
    if (length === 0) return;
    this.#spoken = true;
    let ahead = (sequence - this.#next) | 0;
    if (ahead > farthest || ahead < -farthest) {
      this.#counts.segments_implausible += 1;
      return;
    }
    if (ahead < 0) {
      // A keep-alive repeats the byte before the next one.
      if (!(ahead === -1 && length === 1)) this.#counts.segments_retransmitted += 1;
      if (-ahead >= length) return;
      const known = Math.min(-ahead, end - start);
      start += known;
      missing -= -ahead - known;
      ahead = 0;
    }
    if (ahead > 0) {
      this.#hold(sequence, bytes, start, end, missing, at);
      return;
    }
    this.#deliver(bytes, start, end, missing, at);
    if (this.#held.length > 0) this.#drain(at);
  }

  /** The receiver says it has everything before `sequence`: a hole before it will not be filled any more. */
  acknowledged(sequence: number, at: number): void {
    if (this.#held.length === 0 || ((sequence - this.#next) | 0) <= 0) return;
    if (at - this.#holeSince > patienceMs) this.#giveUp(at);
  }

  /** No more will come: what is held is delivered, with its holes. */
  close(at: number): void {
    while (this.#held.length > 0) this.#giveUp(at);
    const rest = this.#end === undefined ? 0 : (this.#end - this.#next) | 0;
    if (rest > 0 && rest < farthest) this.#gap(rest, at);
  }

  /** Forgets what is held. */
  drop(): void {
    this.#budget.bytes -= this.#heldBytes;
    this.#heldBytes = 0;
    this.#held = [];
  }

  #deliver(bytes: Uint8Array, start: number, end: number, missing: number, at: number): void {
    this.#next = (this.#next + end - start) | 0;
    if (end > start) this.#sink.data(bytes, start, end, at);
    if (missing > 0) this.#gap(missing, at);
  }

  #gap(length: number, at: number): void {
    this.#next = (this.#next + length) | 0;
    this.#counts.gaps += 1;
    this.#counts.gap_bytes += length;
    this.#sink.gap(length, at);
  }

  #hold(sequence: number, bytes: Uint8Array, start: number, end: number, missing: number, at: number): void {
    const place = this.#placeOf(sequence);
    if (this.#held[place - 1]?.sequence === sequence) {
      this.#counts.segments_retransmitted += 1;
      return;
    }
    if (this.#held.length === 0) this.#holeSince = at;
    this.#counts.segments_reordered += 1;
    this.#held.splice(place, 0, { sequence, bytes: bytes.slice(start, end), missing });
    this.#heldBytes += end - start;
    this.#budget.bytes += end - start;
    while (this.#heldBytes > heldByOne || (this.#budget.bytes > heldByAll && this.#held.length > 0))
      this.#giveUp(at);
  }

  /** Held segments are in order; one that comes is mostly the last. */
  #placeOf(sequence: number): number {
    let place = this.#held.length;
    while (place > 0 && ((this.#held[place - 1]!.sequence - sequence) | 0) > 0) place -= 1;
    return place;
  }

  #giveUp(at: number): void {
    const ahead = ((this.#held[0]?.sequence ?? this.#next) - this.#next) | 0;
    if (ahead > 0) this.#gap(ahead, at);
    this.#drain(at);
    this.#holeSince = at;
  }

  #drain(at: number): void {
    let taken = 0;
    for (const { sequence, bytes, missing } of this.#held) {
      const before = (this.#next - sequence) | 0;
      if (before < 0) break;
      taken += 1;
      this.#heldBytes -= bytes.length;
      this.#budget.bytes -= bytes.length;
      if (before < bytes.length + missing) {
        const start = Math.min(before, bytes.length);
        this.#deliver(bytes, start, bytes.length, missing - (before - start), at);
      }
    }
    this.#held.splice(0, taken);
  }
}
