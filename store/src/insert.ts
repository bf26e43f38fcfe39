import { Readable } from 'node:stream';
import type { ClickHouseClient } from './client.ts';

/** One insert of prepared bytes: the unit of deduplication. */
export interface BinaryInsert {
  readonly table: string;
  readonly columns: readonly string[];
  readonly format: 'RowBinary' | 'Native';
  /** All of it, or pieces that are asked for as they are sent. */
  readonly body: Buffer | Iterable<Buffer>;
  /** Names the immutable range the rows come from: sent again, the same token inserts nothing. */
  readonly token: string;
}

/** Sends one prepared block, or several as one insert. Rejects with the client's error; see `clickhouseErrorCode`. */
export async function insertBinary(client: ClickHouseClient, insert: BinaryInsert): Promise<void> {
  const columns = insert.columns.map((column) => `\`${column}\``).join(', ');
  const pieces = Buffer.isBuffer(insert.body) ? [insert.body] : insert.body;
  const { stream } = await client.exec({
    query: `INSERT INTO ${insert.table} (${columns}) FORMAT ${insert.format}`,
    values: Readable.from(pieces, { objectMode: false }),
    clickhouse_settings: { insert_deduplication_token: insert.token }
  });
  for await (const chunk of stream) void chunk;
}
