import type { Names, ShownColumn, ShownPanel, ShownRow } from '#lib/board/shown.ts';
import { columnOf, layOut } from './series.ts';

/** The same data as a chart's, as a table: one row a bucket (the latest first), one column a series. */
export function pivot(
  panel: ShownPanel,
  names: Names,
  now: string
): { columns: ShownColumn[]; rows: ShownRow[]; withheld: Record<string, number> } {
  const { buckets, series } = layOut(panel, names, now);
  const x = columnOf(panel, panel.x);
  const value = columnOf(panel, panel.value);
  const columns = [
    x,
    ...series.map((one): ShownColumn => ({
      ...value,
      name: `series_${one.key}`,
      label: one.name,
      export: `${value.export}_${one.key === '' ? 'unknown' : one.key}`
    }))
  ];
  const rows = buckets.map((bucket, at): ShownRow =>
    Object.fromEntries([
      [x.name, bucket],
      ...series.map((one) => [`series_${one.key}`, one.values[at] ?? null])
    ])
  );
  const places = new Map(panel.rows.map((row, index) => [row, index]));
  const withheld = Object.fromEntries(
    series.flatMap((one) =>
      one.rows.flatMap((row, at) => {
        const below = row && panel.withheld[`${places.get(row)}.${panel.value}`];
        return below === undefined ? [] : [[`${buckets.length - 1 - at}.series_${one.key}`, below] as const];
      })
    )
  );
  return { columns, rows: rows.toReversed(), withheld };
}
