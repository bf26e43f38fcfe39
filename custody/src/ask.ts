import { z } from 'zod';
import type { ClickHouseClient } from '@vigie/store';

/** Rows of one question, each parsed. Parameters are bound by ClickHouse. */
export async function ask<T extends z.ZodType>(
  client: ClickHouseClient,
  row: T,
  query: string,
  params: Readonly<Record<string, unknown>> = {}
): Promise<z.infer<T>[]> {
  const result = await client.query({
    query,
    query_params: params as Record<string, unknown>,
    format: 'JSONEachRow',
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0 }
  });
  return z.array(row).parse(await result.json());
}

/** One change that is over when this resolves. */
export async function change(
  client: ClickHouseClient,
  query: string,
  params: Readonly<Record<string, unknown>> = {}
): Promise<void> {
  await client.command({ query, query_params: params as Record<string, unknown> });
}
