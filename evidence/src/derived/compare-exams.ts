import { settled, type Difference, type Question } from './compare.ts';
import type { Derived } from './views.ts';

/** Exams of which something was received in the period: a bound of the question, ms since 1970. */
export interface Received {
  readonly from: number;
  readonly to: number;
}

/**
 * Compares a table of whole exams with what its view makes of the messages, for every exam of which something was received in the
 * period. The messages are read where they lie by accession, in a derived table that is compared itself.
 * @param after days up to this one are left out
 */
export async function compareExams(
  derived: Derived,
  received: Received,
  after: string,
  way: Pick<Question, 'ask' | 'pauseMs'>
): Promise<Difference[]> {
  const { target, base, select, columns } = derived;
  const named = `SELECT accession FROM ${base} WHERE received_at >= fromUnixTimestamp64Milli({from:Int64}) AND received_at < fromUnixTimestamp64Milli({to:Int64})`;
  const made = select
    .replace(`FROM ${base} WHERE`, `FROM ${base} WHERE false AND`)
    .replace(`SELECT accession FROM ${base})`, `${named})`);
  const told = [...columns.keys()].filter((name) => name !== 'version' && name !== 'gone');
  const hash = told.map((name) => `ifNull(toString(${name}), '-')`).join(', ');
  const perDay = (rows: string) =>
    `SELECT toString(day) AS told_day, count() AS told_rows, toString(sum(cityHash64(${hash}))) AS told_sum
     FROM (${rows}) WHERE gone = 0 AND day > {after:Date} GROUP BY told_day`;
  return settled({
    ...way,
    stored: perDay(`SELECT * FROM ${target} FINAL WHERE accession IN (${named})`),
    expected: perDay(made),
    params: () => ({ ...received, after })
  });
}
