import { statfs } from 'node:fs/promises';
import { laneOf, lanes, type Lane, type Reception } from '../reception.ts';
import { BatchBuffers } from './batch-buffers.ts';
import { batchCount, encodeBatch } from './record.ts';
import { openEnvironment, type SpoolEnvironment } from './environment.ts';

/** Where an accepted message lies: its identity for ever. */
export interface Place {
  readonly lane: Lane;
  readonly seq: number;
}

/** How far a puller is, under a name of its own. */
export interface SpoolCursor {
  readonly id: string;
  /** undefined forgets it. */
  readonly value: unknown;
}

export interface SpoolLimits {
  /** Bytes waiting to be stored beyond which receivers stop taking in. */
  readonly maxBytes: number;
  /** Free bytes to leave on the disk. */
  readonly reserveBytes: number;
}

/** Refused because nothing more fits: the sender keeps its message and tries again. */
class SpoolFullError extends Error {
  readonly code = 'spool-full';
  constructor() {
    super('the spool is full: the message was not taken, send it again later');
  }
}

/**
 * What lies between an ack and the store. Invariants:
 * - `append` resolves only when the records, and all before them in their lane, are on disk;
 * - the seal worker reads up to `durable(lane)` and never beyond, since later batches may reach the disk first;
 * - sequences are never used twice; a batch that failed leaves a gap, and its sender was told.
 */
export class Spool {
  readonly environment: SpoolEnvironment;
  readonly #limits: SpoolLimits;
  readonly #folder: string;
  readonly #next: Record<Lane, number>;
  readonly #inFlight: Record<Lane, Set<number>>;
  readonly #tail: Record<Lane, Promise<unknown>>;
  readonly #waitingBytes: Record<Lane, number>;
  readonly #waitingRecords: Record<Lane, number>;
  readonly #durable: Float64Array;
  readonly #buffers = new BatchBuffers();
  #diskFull = false;
  #closed = false;
  #relief: (() => void)[] = [];
  readonly #onAppend: () => void;

  /**
   * @param shared memory of three 64-bit floats: the durable watermark of each lane, read by the worker
   * @param onAppend told after each durable batch
   */
  constructor(folder: string, limits: SpoolLimits, shared: SharedArrayBuffer, onAppend: () => void) {
    this.environment = openEnvironment(folder);
    this.#folder = folder;
    this.#limits = limits;
    this.#onAppend = onAppend;
    this.#durable = new Float64Array(shared);
    const each = <T>(make: (lane: Lane) => T) => ({
      audit: make('audit'),
      ops: make('ops'),
      own: make('own')
    });
    this.#next = each((lane) => this.#lastSequence(lane));
    this.#inFlight = each(() => new Set());
    this.#tail = each(() => Promise.resolve());
    this.#waitingRecords = each(() => 0);
    this.#waitingBytes = each((lane) => {
      let bytes = 0;
      const batches = this.environment.batches[lane];
      for (const key of batches.getKeys()) {
        const value = batches.getBinaryFast(key);
        if (value === undefined) continue;
        bytes += value.length;
        this.#waitingRecords[lane] += batchCount(value);
      }
      return bytes;
    });
    for (const lane of lanes) this.#publish(lane);
  }

  #lastSequence(lane: Lane): number {
    const sealed = (this.environment.state.get(`sealed:${lane}`) as number | undefined) ?? 1;
    for (const { key, value } of this.environment.batches[lane].getRange({ reverse: true, limit: 1 }))
      return Math.max(sealed, key + batchCount(value));
    return sealed;
  }

  /**
   * Keeps messages. Resolves with their places, in order, once they are on disk.
   * @param options.lane another lane than that of the format: Vigie's own audits are audit messages of the own lane
   * @param options.cursor moved in the same transaction, one or several: a puller's progress cannot outrun its records
   * @throws {SpoolFullError} when nothing was kept
   */
  async append(
    receptions: readonly Reception[],
    options: { readonly lane?: Lane; readonly cursor?: SpoolCursor | readonly SpoolCursor[] } = {}
  ): Promise<Place[]> {
    if (this.#closed || this.pressure) throw new SpoolFullError();
    const groups = new Map<Lane, { receptions: Reception[]; positions: number[] }>();
    receptions.forEach((reception, position) => {
      const lane = options.lane ?? laneOf(reception.format);
      const group = groups.get(lane) ?? { receptions: [], positions: [] };
      group.receptions.push(reception);
      group.positions.push(position);
      groups.set(lane, group);
    });
    const places: Place[] = [];
    const parts = [...groups].map(([lane, group]) => {
      const first = this.#next[lane];
      this.#next[lane] = first + group.receptions.length;
      group.positions.forEach((position, i) => (places[position] = { lane, seq: first + i }));
      return { lane, first, value: encodeBatch(group.receptions, (size) => this.#buffers.take(size)) };
    });
    const { cursor = [] } = options;
    await this.#write(parts, Array.isArray(cursor) ? cursor : [cursor as SpoolCursor]);
    return places;
  }

  /** Writes the parts of one append, and the cursors with them, in one transaction. Resolves when all before them is on disk. */
  async #write(
    parts: readonly { readonly lane: Lane; readonly first: number; readonly value: Buffer }[],
    cursors: readonly SpoolCursor[]
  ): Promise<void> {
    const { batches, state, root } = this.environment;
    for (const { lane, first, value } of parts) {
      this.#inFlight[lane].add(first);
      this.#waitingBytes[lane] += value.length;
      this.#waitingRecords[lane] += batchCount(value);
    }
    const [only] = parts;
    const written: Promise<unknown> =
      only && parts.length === 1 && cursors.length === 0
        ? batches[only.lane].put(only.first, only.value)
        : root.transaction(() => {
            for (const { lane, first, value } of parts) void batches[lane].put(first, value);
            for (const { id, value } of cursors)
              void (value === undefined ? state.remove(`cursor:${id}`) : state.put(`cursor:${id}`, value));
          });
    const before = parts.map(({ lane }) => this.#tail[lane]);
    const tail = Promise.allSettled([...before, written]);
    for (const { lane } of parts) this.#tail[lane] = tail;
    try {
      await Promise.all([...before, written]);
    } catch {
      for (const { lane, value } of parts) {
        this.#waitingBytes[lane] -= value.length;
        this.#waitingRecords[lane] -= batchCount(value);
      }
      this.#diskFull = true;
      throw new SpoolFullError();
    } finally {
      for (const { lane, first, value } of parts) {
        this.#buffers.give(value);
        this.#inFlight[lane].delete(first);
        this.#publish(lane);
      }
    }
  }

  #publish(lane: Lane): void {
    let durable = this.#next[lane];
    for (const first of this.#inFlight[lane]) durable = Math.min(durable, first);
    this.#durable[lanes.indexOf(lane)] = durable;
    this.#onAppend();
  }

  /** True while receivers must not take in more. */
  get pressure(): boolean {
    return this.#diskFull || this.waitingBytes > this.#limits.maxBytes;
  }

  /** True once the spool takes nothing more, because the collector stops. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Bytes received and not yet stored. */
  get waitingBytes(): number {
    return lanes.reduce((sum, lane) => sum + this.#waitingBytes[lane], 0);
  }

  waiting(lane: Lane): { bytes: number; records: number; next: number } {
    return { bytes: this.#waitingBytes[lane], records: this.#waitingRecords[lane], next: this.#next[lane] };
  }

  /** Age of the oldest record that is not yet stored, ms; 0 when there is none. */
  oldestAgeMs(lane: Lane, now: number): number {
    for (const { value } of this.environment.batches[lane].getRange({ limit: 1 }))
      return Math.max(0, now - value.readDoubleBE(5));
    return 0;
  }

  /** Resolves when there is room again: receivers stop reading until then. */
  async room(): Promise<void> {
    while (this.pressure && !this.#closed) await new Promise<void>((resolve) => this.#relief.push(resolve));
  }

  /** Told by the pipeline when stored records left the spool. */
  drained(lane: Lane, bytes: number, records: number): void {
    this.#waitingRecords[lane] = Math.max(0, this.#waitingRecords[lane] - records);
    this.#waitingBytes[lane] = Math.max(0, this.#waitingBytes[lane] - bytes);
    if (!this.pressure) for (const resolve of this.#relief.splice(0)) resolve();
  }

  /** Looks whether the disk has room; called every few seconds. */
  async checkDisk(): Promise<void> {
    const { bavail, bsize } = await statfs(this.#folder);
    this.#diskFull = bavail * bsize < this.#limits.reserveBytes;
    if (!this.pressure) for (const resolve of this.#relief.splice(0)) resolve();
  }

  /** A puller's last position, or undefined at first. */
  cursor(id: string): unknown {
    return this.environment.state.get(`cursor:${id}`);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const resolve of this.#relief.splice(0)) resolve();
    await Promise.all(lanes.map((lane) => this.#tail[lane]));
    await this.environment.root.close();
  }
}
