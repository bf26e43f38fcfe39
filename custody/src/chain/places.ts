import type { ExpectedTable } from '@vigie/evidence/expectation';
import type { StoredRow } from './rows.ts';

/** A row with its place under the root in force. */
export interface PlacedRow {
  readonly place: number;
  readonly row: StoredRow;
  /** A signed act says already that it goes: it was cut short before it went. */
  readonly told: boolean;
}

/**
 * Gives rows their places under the root in force, from which acts have taken some away. Pure.
 * @param rows in the order of the root
 * @throws {Error} a sentence, when they are not the rows that the signed records leave
 */
export function placed(expected: ExpectedTable, rows: readonly StoredRow[]): PlacedRow[] {
  const { gone } = expected;
  const list: PlacedRow[] = [];
  let next = 0;
  for (let place = 0; place < expected.size && next < rows.length; place++) {
    const row = rows[next];
    if (!row) break;
    const told = gone === 'all' || gone.get(place) === row.leaf;
    if (gone !== 'all' && gone.has(place) && !told) continue;
    list.push({ place, row, told });
    next++;
  }
  const left = gone === 'all' ? 0 : expected.size - gone.size;
  if (next < rows.length || (gone !== 'all' && list.filter(({ told }) => !told).length !== left))
    throw new Error(
      'The stored rows are not those that were signed: run vigie evidence verify, and mend that first. Nothing was changed.'
    );
  return list;
}
