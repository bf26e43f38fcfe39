import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { ClickHouseClient } from '@vigie/store';
import type { Derived } from './views.ts';

/** Days that are compared by one question, so that each stays within its caps. */
export const daysAtOnce = 31;
/** Less than a client of ClickHouse waits for an answer, so that a question that takes too long ends in words. */
const mostSeconds = 25;
const attempts = 4;

/** A day of a derived table that is not what its base rows come to. Rows are groups for a table of sums. */
export interface Difference {
  /** `2026-11-24`, as the table cuts its days. */
  readonly day: string;
  readonly stored: number;
  readonly expected: number;
}

const DayRow = z.object({ told_day: z.string(), told_rows: z.number(), told_sum: z.string() });
type Days = ReadonlyMap<string, z.infer<typeof DayRow>>;

export interface Question {
  /** Between two looks, ms. */
  readonly pauseMs: number;
  ask(query: string, params: Readonly<Record<string, unknown>>): Promise<Days>;
  readonly stored: string;
  readonly expected: string;
  params(days: readonly string[]): Readonly<Record<string, unknown>>;
}

/**
 * Asks both questions until they agree, at most four times: a day may differ for a moment, while rows are stored or put right.
 * @param days ISO dates to ask about; those that either answer names when left out
 */
export async function settled(
  { ask, pauseMs, stored, expected, params }: Question,
  days: readonly string[] = []
): Promise<Difference[]> {
  let found: Difference[] = [];
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await sleep(pauseMs);
    const [is, should] = [await ask(stored, params(days)), await ask(expected, params(days))];
    found = [...new Set([...is.keys(), ...should.keys()])].toSorted().flatMap((day) => {
      const [one, other] = [is.get(day), should.get(day)];
      const same = one?.told_rows === other?.told_rows && one?.told_sum === other?.told_sum;
      return same ? [] : [{ day, stored: one?.told_rows ?? 0, expected: other?.told_rows ?? 0 }];
    });
    if (found.length === 0) return found;
    if (days.length > 0) days = found.map(({ day }) => day);
  }
  return found;
}

/** How anything is asked here: by one thread of ClickHouse, and within a time. */
export const asking =
  (client: ClickHouseClient, signal: AbortSignal) =>
  async <T>(row: z.ZodType<T>, query: string, params: Readonly<Record<string, unknown>>): Promise<T[]> => {
    const result = await client.query({
      query,
      query_params: { ...params },
      format: 'JSONEachRow',
      abort_signal: signal,
      clickhouse_settings: {
        log_comment: 'evidence.derived',
        max_threads: 1,
        max_execution_time: mostSeconds
      }
    });
    return z.array(row).parse(await result.json());
  };

/** How a question about days is put. */
export const asker = (client: ClickHouseClient, signal: AbortSignal): Question['ask'] => {
  const rows = asking(client, signal);
  return async (query, params) =>
    new Map((await rows(DayRow, query, params)).map((row) => [row.told_day, row]));
};

/**
 * Compares days of a derived table with what its view makes of the base rows today: number of rows (or sums), and the sum of the
 * hashes of all their columns. Both are read by ClickHouse alone; nothing is kept but one line a day.
 * @param days ISO dates, in order
 */
export async function compareDays(
  derived: Derived,
  days: readonly string[],
  way: Pick<Question, 'ask' | 'pauseMs'>
): Promise<Difference[]> {
  const found: Difference[] = [];
  const question = {
    ...way,
    stored: storedSql(derived),
    expected: expectedSql(derived),
    params: (some: readonly string[]) => ({ days: some, first: some[0], last: some.at(-1) })
  };
  for (let at = 0; at < days.length; at += daysAtOnce)
    found.push(...(await settled(question, days.slice(at, at + daysAtOnce))));
  return found;
}

/** Time column of a table's rows and the days around those asked for: lets ClickHouse skip what lies outside. */
const around = (column: string) =>
  `toDate(${column}) >= {first:Date} - 1 AND toDate(${column}) <= {last:Date} + 1`;
const perDay = (day: string, columns: Iterable<string>, rows: string) =>
  `SELECT toString(${day}) AS told_day, count() AS told_rows, toString(sum(cityHash64(${[...columns].join(', ')}))) AS told_sum FROM (${rows}) GROUP BY told_day`;

/** A NULL would make the hash of its row NULL. */
const known = (column: string, type: string) =>
  /Nullable/.test(type) && !type.startsWith('LowCardinality') ? `ifNull(toString(${column}), '-')` : column;

/** Day of a row, as the table cuts its days. */
export const dayOf = ({ bucket }: Derived): string => `toDate(t.${bucket?.column ?? 'received_at'})`;

/** What the table holds: sums of the same hour or day that are not merged yet are one. */
function storedSql(derived: Derived): string {
  const { target, columns, bucket } = derived;
  const time = bucket?.column ?? 'received_at';
  const within = `WHERE ${around(`t.${time}`)} AND ${dayOf(derived)} IN {days:Array(Date)}`;
  if (!bucket) {
    const all = [...columns].map(([name, type]) => known(name, type));
    return perDay(`toDate(received_at)`, all, `SELECT * FROM ${target} AS t ${within}`);
  }
  const keys = [...columns].filter(([, type]) => !isAggregate(type)).map(([name]) => name);
  const values = [...columns].filter(([, type]) => isAggregate(type));
  const sums = values.map(([name, type], i) => `${merged(`t.${name}`, type)} AS v${i}`);
  const rows = `SELECT ${keys.map((key) => `t.${key} AS k_${key}`).join(', ')}, ${sums.join(', ')} FROM ${target} AS t ${within} GROUP BY ${keys.map((key) => `k_${key}`).join(', ')}`;
  return perDay(
    `toDate(k_${time})`,
    [...keys.map((key) => `k_${key}`), ...values.map((_, i) => `ifNull(toString(v${i}), '-')`)],
    rows
  );
}

/** What the view makes of the base rows. */
function expectedSql(derived: Derived): string {
  const { base, select, from, columns, bucket } = derived;
  const time = bucket === undefined ? 'received_at' : timeOf(bucket.sql);
  const alias = / AS (\w+)$/.exec(from)?.[1];
  const day = `toDate(${bucket?.sql ?? 'received_at'})`;
  const within = `SELECT * FROM ${base}${alias === undefined ? '' : ` AS ${alias}`} WHERE ${around(time)} AND ${day} IN {days:Array(Date)}`;
  const made = select.replace(from, `FROM (${within})${alias === undefined ? '' : ` AS ${alias}`}`);
  if (!bucket) {
    const typed = [...columns].map(([name, type]) => `CAST(${name} AS ${type}) AS ${name}`);
    const all = [...columns].map(([name, type]) => known(name, type));
    return perDay(`toDate(received_at)`, all, `SELECT ${typed.join(', ')} FROM (${made})`);
  }
  const all = [...columns].map(([name, type]) => {
    if (type.startsWith('AggregateFunction')) return `ifNull(toString(finalizeAggregation(${name})), '-')`;
    return isAggregate(type) ? `ifNull(toString(${name}), '-')` : name;
  });
  const keys = [...columns].flatMap(([name, type], i) => (isAggregate(type) ? [] : [all[i] ?? name]));
  const values = [...columns].flatMap(([name, type], i) => (isAggregate(type) ? [all[i] ?? name] : []));
  return perDay(`toDate(${bucket.column})`, [...keys, ...values], made);
}

/** Column of the base table that a bucket is made of. */
export const timeOf = (sql: string): string => /\b(?:occurred_at|study_date)\b/.exec(sql)?.[0] ?? 'hour';

const isAggregate = (type: string) => /^(?:Simple)?AggregateFunction\(/.test(type);

/** `AggregateFunction(uniqCombined(12), String)` → `uniqCombinedMerge(12)(column)`; `SimpleAggregateFunction(sum, …)` → `sum(column)`. */
function merged(column: string, type: string): string {
  const [, simple, name = '', parameters = ''] =
    /^(Simple)?AggregateFunction\((\w+)(\([^)]*\))?,/.exec(type) ?? [];
  return simple ? `${name}(${column})` : `${name}Merge${parameters}(${column})`;
}
