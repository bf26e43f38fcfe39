import { hash } from 'node:crypto';
import type { Columns } from '@vigie/schemas/tables';
import type { Digest } from '../merkle.ts';
import { signedEnd } from '../signed-length.ts';

/** Bytes that a scan query puts before each row: block, sequence (UInt64 each) and sub-index (UInt32), little-endian. */
const prefixBytes = 20;

const fixed = 0;
const text = 1;
const listOfFixed = 2;
const listOfText = 3;
const nullableFixed = 4;
const nullableText = 5;
type Step = readonly [kind: number, size: number];

function sizeOf(type: string): number | undefined {
  const inner = /^(\w+)(?:\((.*)\))?$/.exec(type);
  switch (inner?.[1]) {
    case 'UInt8':
      return 1;
    case 'UInt16':
    case 'Date':
      return 2;
    case 'UInt32':
    case 'Int32':
    case 'DateTime':
      return 4;
    case 'UInt64':
    case 'Int64':
    case 'DateTime64':
      return 8;
    case 'FixedString':
      return Number(inner[2]);
    case 'String':
      return undefined;
    default:
      throw new Error(`no RowBinary scan for ${type}`);
  }
}

function stepOf(type: string): Step {
  const [, wrapper, argument = ''] = /^(LowCardinality|Array|Nullable)\((.*)\)$/.exec(type) ?? [];
  if (wrapper === 'LowCardinality') return stepOf(argument);
  const bare = wrapper === undefined ? type : argument.replace(/^LowCardinality\((.*)\)$/, '$1');
  const size = sizeOf(bare);
  const [ofFixed, ofText] =
    wrapper === 'Array'
      ? [listOfFixed, listOfText]
      : wrapper === 'Nullable'
        ? [nullableFixed, nullableText]
        : [fixed, text];
  return size === undefined ? [ofText, 0] : [ofFixed, size];
}

/** The answer ended inside a row: the query was cut short, or the server does not speak RowBinary. */
export class CutAnswerError extends Error {
  readonly code = 'cut-answer';
}

/** What is told of each row: its leaf hash, and its bytes, which are valid during the call only. */
export type RowTaker = (block: number, seq: number, sub: number, leaf: Digest, bytes: Buffer) => void;

/**
 * Finds where RowBinary rows begin and end, in chunks as they come. One row and one chunk are all it holds.
 * Values are not looked at: whatever they are, the bytes are what is hashed.
 */
export class RowScanner {
  readonly #kinds: Uint8Array;
  readonly #sizes: Uint16Array;
  readonly #take: RowTaker;
  /** 0x00 ‖ table ‖ 0x00: what a leaf begins with (rowLeaf in header.ts). */
  readonly #head: Buffer;
  readonly #table: string;
  #waiting: Buffer[] = [];
  #length = 0;
  /** Bytes the row that waits has at least: until then chunks are only laid aside, however large the row. */
  #needed = 0;

  constructor(table: string, columns: Columns, take: RowTaker) {
    this.#head = Buffer.from(`\0${table}\0`);
    this.#table = table;
    if (this.#head.length > prefixBytes)
      throw new RangeError(`the name ${table} leaves no room before its rows`);
    const steps: [number, number][] = [];
    for (const [kind, size] of Object.values(columns).map(stepOf)) {
      const last = steps.at(-1);
      if (kind === fixed && last?.[0] === fixed) last[1] += size;
      else steps.push([kind, size]);
    }
    this.#kinds = Uint8Array.from(steps, ([kind]) => kind);
    this.#sizes = Uint16Array.from(steps, ([, size]) => size);
    this.#take = take;
  }

  push(chunk: Buffer): void {
    this.#waiting.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#needed) return;
    const bytes = this.#waiting.length === 1 ? chunk : Buffer.concat(this.#waiting);
    let start = 0;
    for (;;) {
      const end = this.#end(bytes, start + prefixBytes);
      if (end < 0) break;
      const block = bytes.readUInt32LE(start) + bytes.readUInt32LE(start + 4) * 0x1_0000_0000;
      const seq = bytes.readUInt32LE(start + 8) + bytes.readUInt32LE(start + 12) * 0x1_0000_0000;
      const sub = bytes.readUInt32LE(start + 16);
      // The prefix has been read: the leaf's beginning takes its place, and the row is hashed where it lies.
      const row = start + prefixBytes;
      const head = row - this.#head.length;
      this.#head.copy(bytes, head);
      const leaf = hash('sha256', bytes.subarray(head, signedEnd(this.#table, bytes, end)), 'binary');
      this.#take(block, seq, sub, leaf, bytes.subarray(row, end));
      start = end;
    }
    this.#needed -= start;
    this.#waiting = start === bytes.length ? [] : [bytes.subarray(start)];
    this.#length = bytes.length - start;
  }

  /** @throws {CutAnswerError} when the answer ended inside a row */
  end(): void {
    if (this.#length > 0) throw new CutAnswerError('the answer of ClickHouse was cut short');
  }

  /** End of the row that begins at `start`, or -1 while it is not all there. */
  #end(bytes: Buffer, start: number): number {
    const { length } = bytes;
    let at = start;
    for (let step = 0; step < this.#kinds.length; step++) {
      const kind = this.#kinds[step];
      const size = this.#sizes[step] as number;
      if (kind === fixed) {
        at += size;
        continue;
      }
      if (at >= length) return this.#short(at);
      if (kind === nullableFixed || kind === nullableText) {
        const isNull = bytes[at++] === 1;
        if (isNull) continue;
        if (kind === nullableFixed) {
          at += size;
          continue;
        }
      }
      let count = 1;
      if (kind === listOfFixed || kind === listOfText) {
        let shift = 1;
        count = 0;
        for (let byte = 0x80; byte & 0x80; shift *= 128) {
          if (at >= length) return this.#short(at);
          byte = bytes[at++] as number;
          count += (byte & 0x7f) * shift;
        }
        if (kind === listOfFixed) {
          at += count * size;
          continue;
        }
      }
      for (; count > 0; count--) {
        let shift = 1;
        let size = 0;
        for (let byte = 0x80; byte & 0x80; shift *= 128) {
          if (at >= length) return this.#short(at);
          byte = bytes[at++] as number;
          size += (byte & 0x7f) * shift;
        }
        at += size;
      }
    }
    return at <= length ? at : this.#short(at - 1);
  }

  /** Notes that the row goes on beyond `at`. */
  #short(at: number): -1 {
    this.#needed = at + 1;
    return -1;
  }
}
