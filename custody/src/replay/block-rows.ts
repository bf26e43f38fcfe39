import { tables, type Columns } from '@vigie/schemas/tables';
import { rowLeaf } from '@vigie/evidence/header';
import { digestHex, merkleRoot } from '@vigie/evidence/merkle';
import { decodeRow, type Decoded } from '@vigie/evidence/row-decode';
import type { EvidenceTable } from '@vigie/evidence/row-order';

/** One row of a block as bytes, with what a replay compares. */
export interface BlockRow {
  readonly seq: number;
  readonly sub: number;
  readonly bytes: Buffer;
  readonly values: Readonly<Record<string, Decoded>>;
  /** All it says but for the decoder's name: rows of equal text say the same. */
  readonly text: string;
}

/** @param bytes RowBinary, columns of `tables` */
export function blockRow(table: EvidenceTable, bytes: Buffer): BlockRow {
  const values = decodeRow(tables[table] as Columns, bytes);
  const { decoder: _, ...said } = values;
  const text = JSON.stringify(Object.values(said).map(plain));
  return { seq: Number(values['seq'] ?? 0), sub: Number(values['sub'] ?? 0), bytes, values, text };
}

/** A value as JSON can tell it apart from every other of its column. */
function plain(value: Decoded): unknown {
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  if (typeof value === 'bigint') return String(value);
  return value === null ? null : value.map(plain);
}

export const textOf = (value: Decoded | undefined): string =>
  Buffer.isBuffer(value) ? value.toString() : '';

/** Rows and root of a table, as an act holds them. @param rows in the order of the root */
export function rootOf(table: EvidenceTable, rows: readonly { readonly bytes: Buffer }[]): [number, string] {
  return [rows.length, digestHex(merkleRoot(rows.map(({ bytes }) => rowLeaf(table, bytes))))];
}

/** Rows in the order of their root: see rowOrders. Of a block's identities those that stood there come first for a sequence. */
export function inRootOrder(table: EvidenceTable, rows: readonly BlockRow[]): readonly BlockRow[] {
  if (table === 'ops.feed_minute') return rows.toSorted(compareMinutes);
  return rows.toSorted((a, b) => a.seq - b.seq || a.sub - b.sub || indexOf(a) - indexOf(b));
}

/** Index of an identity in what was sealed with it (schemas/src/vault-format.ts); 0 for other rows. */
function indexOf({ values }: BlockRow): number {
  const { sealed } = values;
  return Buffer.isBuffer(sealed) ? sealed.readUInt32BE(1) : 0;
}

function compareMinutes(a: BlockRow, b: BlockRow): number {
  const [minuteA, minuteB] = [Number(a.values['minute']), Number(b.values['minute'])];
  if (minuteA !== minuteB) return minuteA - minuteB;
  const bytes = ({ values }: BlockRow) =>
    ['source', 'site', 'establishment', 'transport'].map((column) => values[column] as Buffer);
  const [left, right] = [bytes(a), bytes(b)];
  for (const [i, one] of left.entries()) {
    const order = Buffer.compare(one, right[i] ?? Buffer.alloc(0));
    if (order !== 0) return order;
  }
  return 0;
}
