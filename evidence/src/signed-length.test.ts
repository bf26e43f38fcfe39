import { laterColumns, tables, type TableName } from '@vigie/schemas/tables';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowLeaf } from './header.ts';
import { leafHash } from './merkle.ts';
import { RowEncoder } from './row-binary.ts';
import { RowScanner } from './verify/row-scan.ts';

const table = 'ops.exam_event' as const;
const columns = Object.entries(tables[table]);
const first = columns.findIndex(([name]) => name === laterColumns[table]);

/** A value that fits the type, often its default. */
function valueOf(type: string): fc.Arbitrary<unknown> {
  if (type.startsWith('Nullable(')) return fc.option(valueOf(type.slice(9, -1)), { nil: null });
  if (type.endsWith('String)') && type.startsWith('Low')) return fc.constantFrom('', '\u0001', 'final');
  if (type === 'String') return fc.constantFrom('', '\0\0', 'A1');
  const fixed = /^FixedString\((\d+)\)$/.exec(type);
  if (fixed) return fc.constantFrom(Buffer.alloc(Number(fixed[1])), Buffer.alloc(Number(fixed[1]), 1));
  if (type.startsWith('DateTime')) return fc.constantFrom(0, 1, 1_795_507_500_000);
  return fc.constantFrom(0, 1, 256, 65_535);
}

const row = fc.record(Object.fromEntries(columns.map(([name, type]) => [name, valueOf(type)])));
const encode = (value: Record<string, unknown>, names = columns) => {
  const encoder = new RowEncoder(Object.fromEntries(names));
  encoder.add(value);
  return encoder.finish().body;
};

test('a row that tells none of the later columns is signed as it was before there were any', () => {
  fc.assert(
    fc.property(row, (value) => {
      const bare = Object.fromEntries(
        columns.slice(first).map(([name, type]) => [name, type.startsWith('Nullable(') ? null : ''])
      );
      const leaf = leafHash(Buffer.from(`${table}\0`), encode(value, columns.slice(0, first)));
      expect(rowLeaf(table, encode({ ...value, ...bare }))).toBe(leaf);
    })
  );
});

test('rows that differ never share a leaf, and the scan of stored rows comes to the same one', () => {
  const seen = new Map<string, string>();
  fc.assert(
    fc.property(row, (value) => {
      const bytes = encode(value);
      const leaf = rowLeaf(table, bytes);
      const before = seen.get(leaf);
      expect(before ?? bytes.toString('hex')).toBe(bytes.toString('hex'));
      seen.set(leaf, bytes.toString('hex'));
      const scanned: string[] = [];
      const scanner = new RowScanner(table, tables[table], (_block, _seq, _sub, found) =>
        scanned.push(found)
      );
      scanner.push(Buffer.concat([Buffer.alloc(20), bytes]));
      scanner.end();
      expect(scanned).toEqual([leaf]);
    }),
    { numRuns: 500 }
  );
});

test('later columns are the last ones of their table', () => {
  for (const [name, column] of Object.entries(laterColumns))
    expect(Object.keys(tables[name as TableName])).toContain(column);
});
