import { tables, type Columns, type TableName } from '@vigie/schemas/tables';
import { leafHash, merkleRoot } from '../evidence/merkle.ts';
import { rowContent } from '../evidence/header.ts';
import { factTables, isFactTable } from '../store/fact-tables.ts';
import { RowEncoder } from '../store/row-binary.ts';
import type { PlannedInsert } from './plan.ts';
import { createHash } from 'node:crypto';

/** Order of the inserts: facts first, the evidence header last, so that a header that is there vouches for all of it. */
const order: readonly TableName[] = [
  ...factTables,
  'vault.identity',
  'vault.raw_block',
  'audit.reception',
  'audit.quarantine',
  'ops.feed_minute',
  'audit.block'
];

/** Rows of one block, by table, encoded as they come. */
export class BlockRows {
  readonly #encoders = new Map<TableName, { encoder: RowEncoder; origins: (readonly [number, number])[] }>();

  /** @throws {RowValueError} when a value does not fit its column */
  add<T extends TableName>(
    table: T,
    row: Readonly<Record<keyof (typeof tables)[T], unknown>>,
    seq: number,
    sub: number
  ): void {
    let entry = this.#encoders.get(table);
    if (!entry) {
      entry = { encoder: new RowEncoder(tables[table] as Columns), origins: [] };
      this.#encoders.set(table, entry);
    }
    entry.encoder.add(row);
    entry.origins.push([seq, sub]);
  }

  /**
   * The inserts so far, and the row root of each table. `name` is collector:lane:first; `factsDone` when the fact rows are
   * in their tables already.
   */
  finish(
    name: string,
    factsDone: boolean
  ): { inserts: PlannedInsert[]; roots: Record<string, readonly [number, string]> } {
    const inserts: PlannedInsert[] = [];
    const roots: Record<string, readonly [number, string]> = {};
    for (const table of order) {
      const entry = this.#encoders.get(table);
      if (!entry) continue;
      const { body, offsets } = entry.encoder.finish();
      const leaves = entry.origins.map((_, i) =>
        leafHash(rowContent(table, body.subarray(offsets[i], offsets[i + 1])))
      );
      roots[table] = [leaves.length, merkleRoot(leaves).toString('hex')];
      const digest = createHash('sha256').update(body).digest('hex').slice(0, 32);
      inserts.push({
        table,
        rows: leaves.length,
        body,
        token: `${table}:${name}:${digest}`,
        offsets,
        origins: entry.origins,
        done: factsDone && isFactTable(table)
      });
    }
    return { inserts, roots };
  }
}
