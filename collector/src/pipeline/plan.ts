import type { TableName } from '@vigie/schemas/tables';
import type { Lane } from '../reception.ts';

/** One insert, as bytes that never change. */
export interface PlannedInsert {
  readonly table: TableName;
  readonly rows: number;
  readonly body: Buffer;
  /** Names these very bytes: the same rows sent twice are stored once, other rows have another token. */
  readonly token: string;
  /** For facts: sequence and sub-index of each row, to name the record of a refused one. */
  readonly origins?: readonly (readonly [number, number])[];
}

/** What became of a block's receptions, per source. */
export interface SourceCounts {
  received: number;
  stored: number;
  duplicate: number;
  quarantined: number;
  bytes: number;
}

/** The decided fate of one block, written in the same transaction as everything it depends on. */
export interface Plan {
  readonly lane: Lane;
  /** First and last sequence; the first is the block's name. */
  readonly first: number;
  readonly last: number;
  readonly records: number;
  /** Bytes the records take in the spool. */
  readonly spoolBytes: number;
  readonly inserts: readonly PlannedInsert[];
  /** Undo of this plan, should a row of it be refused: index entries it added and the chain before it. */
  readonly fingerprints: readonly (readonly [day: string, fingerprint: Buffer, seq: number])[];
  readonly identities: readonly Buffer[];
  readonly previous: string;
  /** Hash of this block's header: the chain's head once the plan is written. */
  readonly head: string;
  readonly counts: Readonly<Record<string, SourceCounts>>;
  /** Reception time of its first and last record, ms. */
  readonly from: number;
  readonly to: number;
}

/** A range whose rows ClickHouse refused in part: sealed again over the same range, those rows left out. */
export interface Redo {
  readonly first: number;
  readonly last: number;
  readonly refused: readonly { readonly table: TableName; readonly seq: number; readonly sub: number }[];
}
