import { laterColumns, tables, type Columns, type TableName } from '@vigie/schemas/tables';
import { RowEncoder } from './row-binary.ts';

/**
 * Columns that a table was given after rows of it were signed are its last ones. A row that holds their defaults is signed without
 * them, as it was before there were any. No two rows share a leaf by that: RowBinary says itself where a row ends, so a row of all
 * columns never is the beginning of another.
 */
const tails = new Map<string, Buffer | undefined>();

function tailOf(table: string): Buffer | undefined {
  if (tails.has(table)) return tails.get(table);
  const first = laterColumns[table as TableName];
  const columns: [string, string][] = first === undefined ? [] : Object.entries(tables[table as TableName]);
  const later = columns.slice(columns.findIndex(([name]) => name === first));
  const tail = later.length === 0 ? undefined : defaultsOf(Object.fromEntries(later));
  tails.set(table, tail);
  return tail;
}

function defaultsOf(columns: Columns): Buffer {
  const encoder = new RowEncoder(columns);
  encoder.add(Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, defaultOf(type)])));
  return encoder.finish().body;
}

function defaultOf(type: string): null | '' | 0 | [] {
  if (type.startsWith('Nullable(')) return null;
  if (type.startsWith('Array(')) return [];
  return type.endsWith('String)') || type === 'String' ? '' : 0;
}

/** Where the signed part of a row ends. @param bytes hold the row up to `end`, which is its last byte's index and one */
export function signedEnd(table: string, bytes: Buffer, end: number): number {
  const tail = tailOf(table);
  if (tail === undefined || end < tail.length) return end;
  return bytes.compare(tail, 0, tail.length, end - tail.length, end) === 0 ? end - tail.length : end;
}
