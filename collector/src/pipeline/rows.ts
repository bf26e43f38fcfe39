import { hash } from 'node:crypto';
import { tables, type Columns, type TableName } from '@vigie/schemas/tables';
import { digestHex, merkleRoot, type Digest } from '@vigie/evidence/merkle';
import { rowLeaf } from '@vigie/evidence/header';
import { factTables, isFactTable } from '@vigie/schemas/fact-tables';
import { RowEncoder } from '@vigie/evidence/row-binary';
import type { PlannedInsert } from './plan.ts';

/** Order of the inserts: facts first, the evidence header last, so that a header that is there vouches for all of it. */
const order: readonly TableName[] = [
  ...factTables,
  'vault.identity',
  'vault.raw_block',
  'audit.reception',
  'audit.quarantine',
  'ops.feed_minute',
  'ops.feed_trait',
  'audit.block'
];

/** Bytes of the last block's rows, by table: the next one's are as many, so that a buffer need not grow through all sizes. */
const lastBytes = new Map<TableName, number>();
const maxForeseen = 16_000_000;

interface Entry {
  readonly encoder: RowEncoder;
  /** What was made of it, until another row comes. */
  done?: {
    readonly insert: PlannedInsert;
    readonly root: readonly [number, string];
    readonly leaves: readonly Digest[];
  };
}

/** Rows of one block, by table, encoded as they come. */
export class BlockRows {
  readonly #encoders = new Map<TableName, Entry>();

  /**
   * @param shared values of the columns that `row` does not tell
   * @throws {RowValueError} when a value does not fit its column
   */
  add<T extends TableName, K extends keyof (typeof tables)[T]>(
    table: T,
    row: Readonly<Record<K, unknown>>,
    shared?: Readonly<Record<Exclude<keyof (typeof tables)[T], K>, unknown>>
  ): void {
    let entry = this.#encoders.get(table);
    if (!entry) {
      const foreseen = Math.min(maxForeseen, (lastBytes.get(table) ?? 0) * 1.1 + 4096);
      entry = { encoder: new RowEncoder(tables[table] as Columns, Math.ceil(foreseen)) };
      this.#encoders.set(table, entry);
    }
    entry.encoder.add(row, shared);
    delete entry.done;
  }

  /**
   * The inserts so far, and the row root and row leaves of each table. `name` is collector:lane:first; `factsDone` when the fact rows are
   * in their tables already.
   */
  finish(
    name: string,
    factsDone: boolean
  ): {
    inserts: PlannedInsert[];
    roots: Record<string, [number, string]>;
    leaves: Map<string, readonly Digest[]>;
  } {
    const inserts: PlannedInsert[] = [];
    const roots: Record<string, [number, string]> = {};
    const leaves = new Map<string, readonly Digest[]>();
    for (const table of order) {
      const entry = this.#encoders.get(table);
      if (!entry) continue;
      entry.done ??= finishTable(table, entry, name, factsDone);
      inserts.push(entry.done.insert);
      roots[table] = [...entry.done.root];
      leaves.set(table, entry.done.leaves);
    }
    return { inserts, roots, leaves };
  }
}

function finishTable(
  table: TableName,
  { encoder }: Entry,
  name: string,
  factsDone: boolean
): NonNullable<Entry['done']> {
  const { body, offsets } = encoder.finish();
  lastBytes.set(table, body.length);
  const leaves = Array.from({ length: encoder.rows }, (_, i) =>
    rowLeaf(table, body.subarray(offsets[i], offsets[i + 1]))
  );
  const digest = hash('sha256', body, 'hex').slice(0, 32);
  const done = factsDone && isFactTable(table);
  return {
    insert: {
      table,
      rows: leaves.length,
      body,
      columns: encoder.columns,
      token: `${table}:${name}:${digest}`,
      offsets: Uint32Array.from(offsets),
      done
    },
    root: [leaves.length, digestHex(merkleRoot(leaves))],
    leaves
  };
}
