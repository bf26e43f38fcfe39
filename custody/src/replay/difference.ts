import type { BlockRow } from './block-rows.ts';

/** What a replay makes of the rows of one table in one block. */
export interface Difference {
  /** All rows the table holds afterwards, in any order. */
  readonly after: readonly BlockRow[];
  readonly leave: readonly BlockRow[];
  readonly enter: readonly BlockRow[];
  readonly same: number;
}

/**
 * Compares rows by what they say: a row that another version of a decoder reads alike stays as it is, bytes and all. Pure.
 * @param stored rows of the receptions that are decoded again · @param made what today's decoders make of them
 * @param others rows of the other receptions of the block, which stay
 */
export function difference(
  stored: readonly BlockRow[],
  made: readonly BlockRow[],
  others: readonly BlockRow[]
): Difference {
  const left = new Map<string, BlockRow[]>();
  for (const row of stored) left.set(row.text, [...(left.get(row.text) ?? []), row]);
  const stay: BlockRow[] = [];
  const enter: BlockRow[] = [];
  for (const row of made) {
    const twin = left.get(row.text)?.pop();
    if (twin) stay.push(twin);
    else enter.push(row);
  }
  const leave = [...left.values()].flat();
  return { after: [...others, ...stay, ...enter], leave, enter, same: stay.length };
}
