import type { Lane, Reception } from '../reception.ts';

/** Identity of one record, known at the ack: the collector's id goes in front of it. */
export interface RecordId {
  readonly lane: Lane;
  /** Place in the lane's log, from 1. */
  readonly seq: number;
}

/** Place a puller has read up to, moved in the same transaction as the records it yielded. */
export interface CursorMove {
  /** The pull's id in vigie.yaml. */
  readonly id: string;
  /** Any text of the puller's own, at most 4 kB. */
  readonly value: string;
}

export interface LaneDepth {
  /** Records on disk that are not stored yet. */
  readonly records: number;
  /** Bytes of those records. */
  readonly bytes: number;
  /** Reception time of the oldest of them, ms since 1970; undefined when there is none. */
  readonly oldestAt: number | undefined;
}

/** The durable log between receivers and store. */
export interface Spool {
  /**
   * Keeps receptions. Resolves once they, and everything appended before them, are on disk (fsync).
   * @param options.cursor moves a puller's place in the same transaction; with no receptions it moves alone
   * @returns one id for each reception, in order
   * @throws {SpoolError} `spool-full` or `spool-failed`: nothing was kept; try again after `room()`
   */
  append(
    receptions: readonly Reception[],
    options?: { readonly cursor?: CursorMove }
  ): Promise<readonly RecordId[]>;
  /** True while receivers should not take more: the spool nears its bound, or its disk fails. HTTP answers 503. */
  readonly pressure: boolean;
  /** Resolves when there is no pressure: at once when there is none. */
  room(): Promise<void>;
  depth(): Readonly<Record<Lane, LaneDepth>>;
  readonly cursor: {
    /** Where a puller stands; undefined before its first move. */
    get(id: string): string | undefined;
  };
}

/** Why the spool did not keep something. Nothing of it is on disk. */
export class SpoolError extends Error {
  readonly code: 'spool-full' | 'spool-failed';
  constructor(code: 'spool-full' | 'spool-failed', message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Text of a record's id, as senders and pages see it: `<collector>-<lane>-<seq>`. */
export function recordIdText(collector: string, { lane, seq }: RecordId): string {
  return `${collector}-${lane}-${seq}`;
}
