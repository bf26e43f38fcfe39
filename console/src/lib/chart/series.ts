import { DateTime } from 'luxon';
import type { Cell, Names, ShownColumn, ShownPanel, ShownRow } from '#lib/board/shown.ts';
import { instant, show } from '#lib/board/show.ts';

/** One line or layer of a chart. `values` and `rows` follow the buckets; null is a gap. */
export interface Series {
  readonly key: string;
  readonly name: string;
  /** Rank of its colour; a site's is its own everywhere, -1 is grey. */
  readonly colour: number;
  readonly values: readonly (number | null)[];
  readonly rows: readonly (ShownRow | undefined)[];
}

/** The rows of a panel laid out for drawing: every bucket of its window, finished or not, and its series. */
export interface Layout {
  readonly buckets: readonly Cell[];
  readonly unfinished: readonly boolean[];
  readonly series: readonly Series[];
}

const zone = 'Europe/Paris';
/** Colours a chart tells apart. */
const colours = 6;

/**
 * Lays out a `line` or `stacked` panel. Buckets without rows are kept, so that missing data shows as a gap.
 * @param now ends the buckets of a window that lies ahead
 */
export function layOut(panel: ShownPanel, names: Names, now: string): Layout {
  const x = columnOf(panel, panel.x);
  const by = columnOf(panel, panel.series);
  const buckets = bucketsOf(
    x,
    panel.window,
    new Date(now),
    panel.rows.map((row) => row[x.name] ?? null)
  );
  const rank = new Map(buckets.map((bucket, index) => [key(bucket), index]));
  const keys = [...new Set(panel.rows.map((row) => String(row[by.name] ?? '')))];
  const order = Object.keys(names.sites);
  if (by.type === 'site') keys.sort((a, b) => order.indexOf(a) - order.indexOf(b));
  const series = keys.map((one, index): Series => {
    const rows = Array.from<ShownRow | undefined>({ length: buckets.length });
    for (const row of panel.rows) {
      const at = rank.get(key(row[x.name] ?? null));
      if (String(row[by.name] ?? '') === one && at !== undefined) rows[at] = row;
    }
    return {
      key: one,
      name: show(by, one, names),
      colour: by.type === 'site' ? (names.sites[one]?.colour ?? -1) % colours : index % colours,
      values: rows.map((row) => number(row?.[panel.value ?? ''])),
      rows
    };
  });
  const from = Date.parse(panel.window.from);
  const complete = Date.parse(panel.window.complete);
  const unit = unitOf(x, panel.window);
  const unfinished = buckets.map((bucket) => {
    const at = start(x, bucket);
    return at !== undefined && (at.toMillis() < from || at.plus({ [unit]: 1 }).toMillis() > complete);
  });
  return { buckets, series, unfinished };
}

export function columnOf(panel: Pick<ShownPanel, 'columns'>, name: string | undefined): ShownColumn {
  const column = panel.columns.find((one) => one.name === name);
  if (column === undefined) throw new Error(`a checked board has no column "${name}"`);
  return column;
}

const unitOf = (x: ShownColumn, window: ShownPanel['window']) =>
  x.type === 'month' ? 'month' : x.type === 'day' || window.grain === 'day' ? 'day' : 'hour';

function bucketsOf(x: ShownColumn, window: ShownPanel['window'], now: Date, told: readonly Cell[]): Cell[] {
  if (x.type !== 'day' && x.type !== 'month' && x.type !== 'bucket') return [...new Set(told)];
  const unit = unitOf(x, window);
  const end = Math.min(Date.parse(window.to), now.getTime());
  const buckets: Cell[] = [];
  let at = DateTime.fromISO(window.from, { zone }).startOf(unit);
  // A window is bounded by the server; the count here only guards the loop.
  for (; at.toMillis() < end && buckets.length < 4000; at = at.plus({ [unit]: 1 }))
    buckets.push(x.type === 'bucket' ? new Date(at.toMillis()).toISOString() : at.toISODate());
  // A year of months before the first euro says nothing; a day without messages does.
  const first = x.type === 'month' ? buckets.findIndex((bucket) => told.includes(bucket)) : 0;
  return buckets.slice(Math.max(0, first));
}

const key = (bucket: Cell): string => {
  const text = String(bucket);
  return text.includes('T') ? String(Date.parse(text)) : text;
};

/** When a bucket starts; a date starts at its midnight in Paris. Undefined for what is no time. */
function start(x: ShownColumn, bucket: Cell): DateTime | undefined {
  if (x.type === 'day' || x.type === 'month') return DateTime.fromISO(String(bucket), { zone });
  return x.type === 'bucket' ? DateTime.fromJSDate(instant(bucket), { zone }) : undefined;
}

const number = (value: Cell | undefined) => (typeof value === 'number' ? value : null);
