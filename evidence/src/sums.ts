import type { Digest } from './merkle.ts';

/*
 * Row sums: the first 4 bytes of every leaf hash of a block, one after the other: those of the receptions, then those of each
 * table in alphabetical order. They prove nothing (the roots do): they tell *which* row or record no longer is what was signed.
 */
const size = 4;

/** @param leaves leaf hashes of the receptions @param rows leaf hashes of the rows, by table */
export function packSums(leaves: readonly Digest[], rows: ReadonlyMap<string, readonly Digest[]>): Buffer {
  const tables = [...rows.keys()].toSorted();
  const all = [leaves, ...tables.map((table) => rows.get(table) ?? [])];
  const packed = Buffer.allocUnsafe(all.reduce((sum, list) => sum + list.length, 0) * size);
  let at = 0;
  for (const list of all) for (const digest of list) at += packed.write(digest.slice(0, size), at, 'latin1');
  return packed;
}

/** Sums by table; those of the receptions under ''. Undefined when the bytes do not fit the counts. */
export function unpackSums(
  packed: Buffer,
  records: number,
  rows: Readonly<Record<string, readonly [number, string]>>
): ReadonlyMap<string, readonly string[]> | undefined {
  const tables = Object.keys(rows).toSorted();
  const counts = [['', records] as const, ...tables.map((table) => [table, rows[table]?.[0] ?? 0] as const)];
  if (counts.reduce((sum, [, count]) => sum + count, 0) * size !== packed.length) return undefined;
  let at = 0;
  return new Map(
    counts.map(([table, count]) => [
      table,
      Array.from({ length: count }, () => packed.toString('latin1', at, (at += size)))
    ])
  );
}

export const sumOf = (digest: Digest): string => digest.slice(0, size);
