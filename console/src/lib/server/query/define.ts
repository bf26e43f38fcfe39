import { z } from 'zod';
import type { ClickHouseClient } from '@vigie/store';

/** What every question must bind: whose rows, and when. */
export interface Bounds {
  readonly scope: readonly string[];
  readonly from: Date;
  readonly to: Date;
}

export interface Question<P extends Bounds, R> {
  readonly name: string;
  readonly sql: string;
  ask(client: ClickHouseClient, params: P, signal?: AbortSignal): Promise<R[]>;
}

/** Which parameters that narrow a question hold something, by name. */
export type Given<K extends string> = (name: K) => boolean;

/**
 * Declares a question whose conditions on absent choices are left out of the SQL: the store plans each condition anew, also one
 * that is always true, and planning is the most of what a narrow question costs (13 ms of 15 for a page of one user).
 * @param question.optional parameters by which the SQL differs, lists and texts; an empty one need not be bound
 * @throws {Error} as `define`
 */
export function defineShaped<K extends string, P extends Bounds & Readonly<Record<K, { readonly length: number }>>, R>(question: {
  readonly name: string;
  readonly optional: readonly K[];
  readonly sql: (given: Given<K>) => string;
  readonly row: z.ZodType<R>;
}): Question<P, R> {
  const { name, optional, row } = question;
  const shapes = new Map<string, Question<P, R>>();
  const shape = (given: Given<K>) => {
    const key = optional.filter(given).join(' ');
    const known = shapes.get(key) ?? define<P, R>({ name, sql: question.sql(given), row });
    shapes.set(key, known);
    return known;
  };
  const whole = shape(() => true);
  return {
    name,
    sql: whole.sql,
    ask: (client, params, signal) => shape((one) => params[one].length > 0).ask(client, params, signal)
  };
} // prettier-ignore

/**
 * Declares a question to the store. Parameters are bound by ClickHouse, never written into the SQL; rows are parsed after.
 * @throws {Error} at start when the SQL does not bind a scope and a time window: such a question cannot be asked
 */
export function define<P extends Bounds, R>(question: {
  readonly name: string;
  readonly sql: string;
  readonly row: z.ZodType<R>;
  /** Limits of this question, beside those of every reader. */
  readonly limits?: Readonly<Record<'max_rows_to_read', number>>;
}): Question<P, R> {
  const { name, sql, row, limits } = question;
  for (const needed of ['{scope:Array(String)}', '{from:DateTime64(3)}', '{to:DateTime64(3)}'])
    if (!sql.includes(needed)) throw new Error(`the question "${name}" must bind ${needed}`);
  const rows = z.array(row);
  return {
    name,
    sql,
    async ask(client, params, signal) {
      const result = await client.query({
        query: sql,
        query_params: { ...params } as Record<string, unknown>,
        format: 'JSONEachRow',
        clickhouse_settings: {
          log_comment: name,
          ...(limits && { max_rows_to_read: String(limits.max_rows_to_read) })
        },
        ...(signal && { abort_signal: signal })
      });
      return rows.parse(await result.json());
    }
  };
}
