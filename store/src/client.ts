import {
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClient,
  type ClickHouseSettings
} from '@clickhouse/client';

export type { ClickHouseClient };

/** Where a ClickHouse answers, and as whom to ask. */
export interface StoreAddress {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/** The client's own log quotes queries and values; what fails is told by whoever asked. */
const quiet = ClickHouseLogLevel.OFF;

/** Settings of every write; each guards against a silent loss measured on the real engine. */
const writerSettings: ClickHouseSettings = {
  // The default of 1 answers before the rows are on disk.
  async_insert: 0,
  // Unknown JSON fields would be dropped without a word.
  input_format_skip_unknown_fields: 0,
  // Without it rollups count a retried block again.
  deduplicate_blocks_in_dependent_materialized_views: 1,
  insert_deduplicate: 1,
  // A view that reads a table sees what the views before it wrote there, not what the insert found.
  ...({ enable_shared_storage_snapshot_in_query: 0 } as ClickHouseSettings),
  // One insert is one deduplication unit only while it is not cut into several blocks.
  max_insert_block_size: '1048576',
  min_insert_block_size_rows: '1048576',
  min_insert_block_size_bytes: '268435456',
  date_time_input_format: 'best_effort'
};

/** Caps of every read: a question may be refused, the machine may not be. Times in seconds, memory in bytes. */
const readerSettings: ClickHouseSettings = {
  max_execution_time: 20,
  max_memory_usage: '400000000',
  max_result_rows: '200000',
  output_format_json_quote_64bit_integers: 0,
  date_time_output_format: 'iso'
};

/**
 * A client that may insert and change tables.
 * @param requestTimeoutMs after which an answer is no longer waited for, in milliseconds
 */
export function createWriter(address: StoreAddress, requestTimeoutMs = 120_000): ClickHouseClient {
  return createClient({
    url: address.url,
    username: address.username,
    password: address.password,
    request_timeout: requestTimeoutMs,
    log: { level: quiet },
    max_open_connections: 4,
    keep_alive: { enabled: true, idle_socket_ttl: 2500 },
    compression: { request: false, response: false },
    clickhouse_settings: writerSettings
  });
}

/** A client that only reads, within caps. `application` is written into the log comment of each query. */
export function createReader(address: StoreAddress, application: string): ClickHouseClient {
  return createClient({
    url: address.url,
    username: address.username,
    password: address.password,
    application,
    request_timeout: 30_000,
    log: { level: quiet },
    max_open_connections: 8,
    keep_alive: { enabled: true, idle_socket_ttl: 2500 },
    compression: { request: false, response: false },
    clickhouse_settings: readerSettings
  });
}

/** Exception code of an error thrown by the client; undefined when ClickHouse never answered. */
export function clickhouseErrorCode(error: unknown): number | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (typeof code === 'number') return code;
  if (typeof code === 'string' && /^\d+$/.test(code)) return Number(code);
  const text = error instanceof Error ? error.message : '';
  const told = /Code: (\d+)\./.exec(text)?.[1];
  return told === undefined ? undefined : Number(told);
}
