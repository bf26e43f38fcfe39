import type { SensorCounts } from '../counts.ts';
import type { StreamSink } from '../tcp/stream.ts';

/** PDU types of PS3.8 9.3.1. */
export const pduTypes = {
  associateRequest: 1,
  associateAccept: 2,
  associateReject: 3,
  data: 4,
  releaseRequest: 5,
  releaseReply: 6,
  abort: 7
} as const;

/** What one direction of an association tells. Bytes handed over are the listener's only during the call. */
export interface UpperLayerListener {
  /** Any PDU but P-DATA-TF, without its six bytes of header. */
  pdu(type: number, body: Uint8Array, at: number): void;
  /** A whole command set (PS3.7 6.3.1). */
  command(bytes: Uint8Array, at: number): void;
  /** Bytes of a data set went by. */
  data(length: number, at: number): void;
  /** A hole hid something: figures of this direction are short from now on. */
  hole(): void;
}

const largestAssociate = 262_144;
const largestCommand = 65_536;
const headBytes = 6;

/** Where in the stream the next byte lies. */
const within = { head: 0, body: 1, pdvHead: 2, dataset: 3, command: 4, lost: 5, alien: 6 } as const;

/**
 * Reads PDUs and PDVs of one direction (PS3.8 9.3, Annex E): bodies of the association and command sets are collected, data sets
 * are stepped over. A hole inside a data set is stepped over exactly; any other loses the place, until a header is met that can
 * be nothing else.
 */
export class UpperLayer implements StreamSink {
  readonly #listener: UpperLayerListener;
  readonly #counts: SensorCounts;
  readonly #head = new Uint8Array(headBytes);
  #state: number = within.head;
  #headLength = 0;
  #type = 0;
  /** Bytes left of the PDU, and of the PDV in it. */
  #left = 0;
  #pdvLeft = 0;
  #last = false;
  #parts: Uint8Array[] = [];
  #collected = 0;
  /** Whether a first PDU was met. */
  #begun = false;
  readonly #opens: boolean;

  /** @param opens whether this side asks for the association, and so begins with that */
  constructor(opens: boolean, listener: UpperLayerListener, counts: SensorCounts) {
    this.#opens = opens;
    this.#listener = listener;
    this.#counts = counts;
  }

  /** Whether the place in the stream is lost, and not found again. */
  get lost(): boolean {
    return this.#state === within.lost;
  }

  /** Whether its first bytes are not DICOM. */
  get alien(): boolean {
    return this.#state === within.alien;
  }

  data(bytes: Uint8Array, start: number, end: number, at: number): void {
    let p = start;
    while (p < end) {
      switch (this.#state) {
        case within.dataset: {
          const length = Math.min(this.#pdvLeft, end - p);
          this.#step(length, at);
          p += length;
          break;
        }
        case within.head:
        case within.pdvHead:
          p = this.#readHead(bytes, p, end, at);
          break;
        case within.body:
        case within.command:
          p = this.#collect(bytes, p, end, at);
          break;
        case within.lost:
          p = this.#seek(bytes, p, end);
          break;
        default:
          return;
      }
    }
  }

  gap(length: number, at: number): void {
    if (this.#state === within.dataset && length <= this.#pdvLeft) this.#step(length, at);
    else {
      // What comes after is not known to be the first.
      this.#begun = true;
      this.#lose();
    }
  }

  #step(length: number, at: number): void {
    this.#pdvLeft -= length;
    this.#left -= length;
    this.#listener.data(length, at);
    if (this.#pdvLeft === 0) this.#state = this.#left > 0 ? within.pdvHead : within.head;
  }

  #readHead(bytes: Uint8Array, p: number, end: number, at: number): number {
    const inPdu = this.#state === within.pdvHead;
    if (inPdu && this.#left < headBytes) return this.#lose(end);
    while (this.#headLength < headBytes && p < end) this.#head[this.#headLength++] = bytes[p++]!;
    if (this.#headLength < headBytes) return p;
    this.#headLength = 0;
    return (inPdu ? this.#beginPdv(at) : this.#beginPdu(at)) ? p : this.#lose(end);
  }

  /** Type, reserved, length (PS3.8 9.3.2). @returns false when it is none */
  #beginPdu(at: number): boolean {
    const head = this.#head;
    this.#type = head[0]!;
    this.#left = word(head, 2);
    const { associateRequest, associateAccept, data, abort } = pduTypes;
    if (!this.#begun && (head[1] !== 0 || (this.#opens && this.#type !== associateRequest))) return false;
    if (this.#type === data && this.#begun) {
      this.#state = this.#left === 0 ? within.head : within.pdvHead;
      return true;
    }
    const associate = this.#type === associateRequest || this.#type === associateAccept;
    if (this.#type < 1 || this.#type > abort || this.#type === data) return false;
    if (this.#left > (associate ? largestAssociate : 64)) return false;
    this.#begun = true;
    if (this.#left === 0) {
      this.#listener.pdu(this.#type, this.#head.subarray(0, 0), at);
      return true;
    }
    this.#state = within.body;
    return true;
  }

  /** Length, presentation context, message control header (PS3.8 9.3.5.1 and E.2). @returns false when it is none */
  #beginPdv(at: number): boolean {
    const length = word(this.#head, 0);
    const flags = this.#head[5]!;
    this.#left -= headBytes;
    this.#pdvLeft = length - 2;
    if (length < 2 || this.#pdvLeft > this.#left || flags > 3) return false;
    const command = (flags & 1) !== 0;
    this.#last = (flags & 2) !== 0;
    this.#state = command ? within.command : within.dataset;
    if (this.#pdvLeft > 0) return true;
    if (command) this.#endFragment(at);
    else this.#step(0, at);
    return true;
  }

  #collect(bytes: Uint8Array, p: number, end: number, at: number): number {
    const inBody = this.#state === within.body;
    const wanted = inBody ? this.#left : this.#pdvLeft;
    const length = Math.min(wanted, end - p);
    this.#left -= length;
    if (!inBody) this.#pdvLeft -= length;
    const whole = length === wanted;
    if (this.#collected === 0 && whole && (inBody || this.#last)) {
      // The common case: all of it in one segment, read where it lies.
      const body = bytes.subarray(p, p + length);
      if (inBody) this.#state = within.head;
      else this.#state = this.#left > 0 ? within.pdvHead : within.head;
      if (inBody) this.#listener.pdu(this.#type, body, at);
      else this.#listener.command(body, at);
      return p + length;
    }
    this.#collected += length;
    if (this.#collected > (inBody ? largestAssociate : largestCommand)) return this.#lose(end);
    this.#parts.push(bytes.slice(p, p + length));
    if (!whole) return p + length;
    if (inBody) {
      this.#state = within.head;
      this.#listener.pdu(this.#type, this.#take(), at);
    } else this.#endFragment(at);
    return p + length;
  }

  #endFragment(at: number): void {
    this.#state = this.#left > 0 ? within.pdvHead : within.head;
    if (this.#last) this.#listener.command(this.#take(), at);
  }

  #take(): Uint8Array {
    const whole = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#collected = 0;
    return whole;
  }

  #lose<T>(rest?: T): T {
    if (!this.#begun) {
      this.#state = within.alien;
      return rest as T;
    }
    if (this.#state !== within.lost) this.#counts.streams_lost += 1;
    this.#state = within.lost;
    this.#headLength = 0;
    this.#parts = [];
    this.#collected = 0;
    this.#listener.hole();
    return rest as T;
  }

  /**
   * After a hole: a P-DATA-TF with one PDV has twelve bytes of which 55 bits are given (type, reserved, a length and the same
   * length less four, an odd context, flags below four), so images do not hold one by chance. A header split between two
   * segments is passed over. Release and abort are known when they end a segment.
   */
  #seek(bytes: Uint8Array, start: number, end: number): number {
    for (let p = start; p + 10 <= end; p++) {
      const type = bytes[p]!;
      if (type < pduTypes.data || type > pduTypes.abort || bytes[p + 1] !== 0) continue;
      if (type !== pduTypes.data) {
        if (p + 10 !== end || word(bytes, p + 2) !== 4 || bytes[p + 6] !== 0 || bytes[p + 7] !== 0) continue;
        return this.#found(p);
      }
      if (p + 12 > end) break;
      const length = word(bytes, p + 2);
      if (length < 6 || length > 0x0100_0000 || word(bytes, p + 6) !== length - 4) continue;
      if ((bytes[p + 10]! & 1) === 0 || bytes[p + 11]! > 3) continue;
      return this.#found(p);
    }
    return end;
  }

  #found(p: number): number {
    this.#state = within.head;
    this.#counts.streams_found_again += 1;
    return p;
  }
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! * 0x0100_0000 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!);
}
