import type { TableName } from '@vigie/schemas/tables';
import type { Lane } from '../reception.ts';
import { FingerprintPacker, type PackedFingerprints } from './fingerprints.ts';

/** One insert, as bytes that never change. */
export interface PlannedInsert {
  readonly table: TableName;
  readonly rows: number;
  readonly body: Buffer;
  /** Columns of `body`, in order; a plan written before tables grew has none, and the columns of then. */
  readonly columns?: readonly string[];
  /** Names these very bytes: the same rows sent twice are stored once, other rows have another token. */
  readonly token: string;
  /** Where each row begins in `body`, and where the last one ends. */
  readonly offsets: ArrayLike<number>;
  /** Its rows are in the table already, put there by the plan that this one replaces. */
  readonly done: boolean;
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
  /** Facts first: until they are all in, nothing else of the block is. */
  readonly inserts: readonly PlannedInsert[];
  /** Undo of this plan, should a row be refused: index entries and the chain before it. */
  readonly fingerprints: PackedFingerprints;
  readonly identities: readonly (readonly [month: string, key: Buffer])[];
  readonly previous: string;
  /** Hash of this block's header: the chain's head once the plan is written. */
  readonly head: string;
  readonly counts: Readonly<Record<string, SourceCounts>>;
  /** Reception time of its first and last record, ms. */
  readonly from: number;
  readonly to: number;
}

/** A plan as it lies in the spool: offsets as u32, in this machine's order. */
export function storedPlan(plan: Plan): unknown {
  const inserts = plan.inserts.map(({ offsets, ...insert }) => ({
    ...insert,
    offsets: Buffer.from(Uint32Array.from(offsets).buffer)
  }));
  return { ...plan, inserts };
}

/** A plan as this version wrote it, or an earlier one: offsets as numbers, each fingerprint for itself. */
type StoredPlan = Omit<Plan, 'inserts' | 'fingerprints'> & {
  readonly inserts: readonly (Omit<PlannedInsert, 'offsets'> & {
    readonly offsets: readonly number[] | Buffer;
  })[];
  readonly fingerprints: readonly (readonly [string, Buffer, number?])[];
};

/** A plan of the spool, of this version or of an earlier one. */
export function readPlan(stored: unknown): Plan {
  const { inserts, fingerprints, ...plan } = stored as StoredPlan;
  const packer = new FingerprintPacker();
  const packed: (readonly [string, Buffer])[] = [];
  for (const [day, bytes, seq] of fingerprints)
    if (seq === undefined) packed.push([day, bytes]);
    else packer.add(day, bytes, seq);
  return {
    ...plan,
    inserts: inserts.map(({ offsets, ...insert }) => ({
      ...insert,
      offsets: Buffer.isBuffer(offsets) ? new Uint32Array(Uint8Array.from(offsets).buffer) : offsets
    })),
    fingerprints: [...packed, ...packer.packed()]
  };
}

/** A range whose fact rows are in, save those refused: sealed again over the same range, those rows in quarantine. */
export interface Redo {
  readonly first: number;
  readonly last: number;
  readonly refused: readonly { readonly table: TableName; readonly seq: number; readonly sub: number }[];
}

/** Keys of the spool's `state`. */
export const stateKeys = {
  sealed: (lane: Lane) => `sealed:${lane}`,
  chain: (lane: Lane) => `chain:${lane}`,
  redo: (lane: Lane) => `redo:${lane}`,
  group: (lane: Lane) => `group:${lane}`,
  split: (lane: Lane, table: TableName) => `split:${lane}:${table}`
};
