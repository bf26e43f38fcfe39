import { timingSafeEqual, createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { EngineError } from './error.ts';

export type Role = 'writer' | 'reader';

/** What the URL and headers of a request say; the body is read apart. */
export interface EngineRequest {
  readonly role: Role;
  readonly query: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly settings: ReadonlyMap<string, string>;
  readonly format: string | undefined;
  readonly database: string | undefined;
  readonly queryId: string;
  readonly compress: boolean;
}

/** URL parameters of the interface itself: not settings of the engine. */
const own = new Set([
  'query', 'user', 'password', 'database', 'default_format', 'query_id', 'compress', 'decompress', 'enable_http_compression',
  'wait_end_of_query', 'buffer_size', 'send_progress_in_http_headers', 'http_headers_progress_interval_ms', 'session_id',
  'session_timeout', 'session_check', 'quota_key', 'role', 'client_protocol_version', 'http_write_exception_in_output_format',
  'cancel_http_readonly_queries_on_client_close', 'output_format_compression_level'
]); // prettier-ignore

/** Settings a reader may send; anything else is refused, so that no cap can be lifted. */
const readerSettings = new Set([
  'max_execution_time', 'max_memory_usage', 'max_result_rows', 'max_rows_to_read', 'max_threads', 'log_comment', 'result_overflow_mode',
  'output_format_json_quote_64bit_integers', 'output_format_json_quote_denormals', 'date_time_output_format', 'date_time_input_format',
  'join_use_nulls', 'readonly', 'use_query_cache', 'max_block_size', 'session_timezone', 'extremes', 'enable_http_compression',
  'output_format_json_array_of_rows', 'optimize_read_in_order', 'timeout_overflow_mode', 'use_skip_indexes_on_data_read'
]); // prettier-ignore

/** Upper bounds of a reader's query: seconds, bytes. */
export const readerCaps: Readonly<Record<string, number>> = {
  max_execution_time: 60,
  max_memory_usage: 400_000_000,
  max_threads: 2
};

/**
 * Reads who asks and what, the way ClickHouse does: basic authorisation, X-ClickHouse-User and -Key, or user and password.
 * @throws {EngineError} 516 for a wrong token, 48 for what the embedded engine does not do, 115 for a refused setting
 */
export function readRequest(
  request: IncomingMessage,
  tokens: Readonly<Record<Role, string>>,
  newId: () => string
): EngineRequest {
  const url = new URL(request.url ?? '/', 'http://engine');
  const search = url.searchParams;
  const role = authenticate(request, search, tokens);
  if (search.has('session_id'))
    throw new EngineError(
      48,
      'NOT_IMPLEMENTED',
      'The embedded engine keeps no sessions: send settings with each query'
    );
  if (search.get('compress') === '1' || search.get('decompress') === '1')
    throw new EngineError(
      48,
      'NOT_IMPLEMENTED',
      'The native compression of compress=1 is not served: use Accept-Encoding or Content-Encoding gzip'
    );
  const parameters = new Map<string, string>();
  const settings = new Map<string, string>();
  for (const [name, value] of search) {
    if (name.startsWith('param_')) parameters.set(name.slice('param_'.length), value);
    else if (!own.has(name)) settings.set(settingName(name, role), value);
  }
  if (role === 'reader') capSettings(settings);
  return {
    role,
    query: search.get('query') ?? '',
    parameters,
    settings,
    format: header(request, 'x-clickhouse-format') ?? search.get('default_format') ?? undefined,
    database: header(request, 'x-clickhouse-database') ?? search.get('database') ?? undefined,
    queryId: search.get('query_id') ?? newId(),
    // ClickHouse compresses only when asked to in the URL; the header alone is not enough.
    compress:
      search.get('enable_http_compression') === '1' &&
      /\bgzip\b/.test(header(request, 'accept-encoding') ?? '')
  };
}

function settingName(name: string, role: Role): string {
  if (!/^[a-z][a-z0-9_]*$/.test(name))
    throw new EngineError(115, 'UNKNOWN_SETTING', 'A setting name holds lower-case letters, digits and _');
  if (role === 'reader' && !readerSettings.has(name))
    throw new EngineError(164, 'READONLY', `The reader may not change the setting ${name}`);
  return name;
}

function capSettings(settings: Map<string, string>): void {
  settings.delete('readonly');
  for (const [name, cap] of Object.entries(readerCaps)) {
    const asked = Number(settings.get(name) ?? cap);
    settings.set(name, String(asked > 0 && asked < cap ? asked : cap));
  }
}

function authenticate(
  request: IncomingMessage,
  search: URLSearchParams,
  tokens: Readonly<Record<Role, string>>
): Role {
  const basic = /^Basic (.+)$/i.exec(header(request, 'authorization') ?? '')?.[1];
  const [basicUser, ...basicRest] =
    basic === undefined ? [] : Buffer.from(basic, 'base64').toString('utf8').split(':');
  const user = header(request, 'x-clickhouse-user') ?? basicUser ?? search.get('user') ?? '';
  const key =
    header(request, 'x-clickhouse-key') ??
    (basic === undefined ? undefined : basicRest.join(':')) ??
    search.get('password') ??
    '';
  if ((user === 'writer' || user === 'reader') && same(key, tokens[user])) return user;
  throw new EngineError(
    516,
    'AUTHENTICATION_FAILED',
    'Authentication failed: the user is writer or reader, the password its token in the data folder'
  );
}

const digest = (text: string) => createHash('sha256').update(text).digest();
const same = (a: string, b: string) => timingSafeEqual(digest(a), digest(b));

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
