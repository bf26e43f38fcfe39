import { z } from 'zod';
import type { ClickHouseClient } from '@vigie/store';

/** A table that a materialised view fills from another one. */
export interface Derived {
  /** The table that is filled, and the one it is filled from: `database.table`. */
  readonly target: string;
  readonly base: string;
  /** SELECT of the view, and how it reads its base in it: `FROM base`, or `FROM base AS alias`. */
  readonly select: string;
  readonly from: string;
  /** Column → type, in their order. */
  readonly columns: ReadonlyMap<string, string>;
  /** Its rows are made of all messages of one exam, those of other inserts too. */
  readonly whole: boolean;
  /** Column and expression of the time that sums are cut by; undefined for a table that holds rows by their sequence. */
  readonly bucket: { readonly column: string; readonly sql: string } | undefined;
}

const ViewRow = z.object({
  select: z.string(),
  target: z.string(),
  engine: z.string(),
  columns: z.array(z.tuple([z.string(), z.string()]))
});

/** A day put into a table of this name is made again as a whole from other derived tables: what is made so has no rows of its own to be held against. */
const due = /\b(?:FROM|TO) [a-z]+\.[a-z_]+_due\b/;

/**
 * Every derived table, as the engine tells it: one that a later version adds is not forgotten. Left out is what is made again by days.
 * @throws for a view that holds neither rows by their sequence, nor exams, nor sums by hour, day or minute
 */
export async function derivedTables(client: ClickHouseClient): Promise<Derived[]> {
  const result = await client.query({
    query: `SELECT v.as_select AS select, extract(v.create_table_query, ' TO ([a-z_.]+)') AS target, any(t.engine) AS engine,
       arrayMap(one -> (one.2, one.3), arraySort(groupArray((c.position, c.name, c.type)))) AS columns
     FROM system.tables AS v INNER JOIN system.columns AS c
       ON concat(c.database, '.', c.table) = extract(v.create_table_query, ' TO ([a-z_.]+)')
       INNER JOIN system.tables AS t ON t.database = c.database AND t.name = c.table
     WHERE v.engine = 'MaterializedView' AND v.database IN ('audit', 'ops', 'vault') GROUP BY select, target ORDER BY target`,
    format: 'JSONEachRow',
    clickhouse_settings: { log_comment: 'evidence.views' }
  });
  const views = z
    .array(ViewRow)
    .parse(await result.json())
    .filter(({ select, target }) => !due.test(`${select} TO ${target} `))
    .map((row) => ({ ...viewOf(row), passes: row.engine === 'Null' }));
  // What a table that holds nothing passes on, and whole exams with it, is derived from where it comes from.
  const rootOf = (base: string): string => {
    const from = views.find(({ target }) => target === base);
    return from === undefined ? base : rootOf(from.base);
  };
  return views.flatMap(({ passes, ...one }) =>
    passes ? [] : [one.whole ? { ...one, base: rootOf(one.base) } : one]
  );
}

function viewOf({ select, target, columns }: z.infer<typeof ViewRow>): Derived {
  const [from = '', base = ''] = /FROM ([a-z_]+\.[a-z_]+)(?: AS \w+)?(?= |$)/.exec(select) ?? [];
  const told = /^SELECT\s+(to\w+\(.*?\)) AS (hour|day|minute)\b/.exec(select);
  const names = new Map(columns);
  const byRow = ['lane', 'collector', 'seq', 'sub'].every((column) => names.has(column));
  const whole = ['accession', 'version'].every((column) => names.has(column));
  if (base === '' || (!byRow && !whole && !told))
    throw new Error(`the view that fills ${target} is of no known form`);
  return {
    target,
    base,
    select,
    from,
    columns: names,
    whole,
    bucket: byRow || whole || !told ? undefined : { sql: told[1] ?? '', column: told[2] ?? '' }
  };
}
