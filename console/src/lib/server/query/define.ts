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
