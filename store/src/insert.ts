import { Readable } from 'node:stream';
import type { ClickHouseClient } from './client.ts';

/** One insert of prepared bytes: the unit of deduplication. */
export interface BinaryInsert {
  readonly table: string;
  readonly columns: readonly string[];
  readonly format: 'RowBinary' | 'Native';
  readonly body: Buffer;
  /** Names the immutable range the rows come from: sent again, the same token inserts nothing. */
  readonly token: string;
}

/** Sends one prepared block. Rejects with the client's error; see `clickhouseErrorCode`. */
export async function insertBinary(client: ClickHouseClient, insert: BinaryInsert): Promise<void> {
  const columns = insert.columns.map((column) => `\`${column}\``).join(', ');
  const { stream } = await client.exec({
    query: `INSERT INTO ${insert.table} (${columns}) FORMAT ${insert.format}`,
    values: Readable.from([insert.body], { objectMode: false }),
    clickhouse_settings: { insert_deduplication_token: insert.token }
  });
  for await (const chunk of stream) void chunk;
}
