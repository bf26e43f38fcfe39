import { createHash, timingSafeEqual } from 'node:crypto';
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
  readonly database: string;
  readonly queryId: string;
  /** The answer may and shall be gzipped. */
  readonly compress: boolean;
  /** The whole answer is wanted, or an error, never a part. */
  readonly whole: boolean;
}

/** URL parameters of the interface itself: not settings of the engine. */
const own = new Set([
  'query', 'user', 'password', 'database', 'default_format', 'query_id', 'compress', 'decompress', 'enable_http_compression',
  'http_zlib_compression_level', 'wait_end_of_query', 'buffer_size', 'send_progress_in_http_headers', 'http_headers_progress_interval_ms',
  'session_id', 'session_timeout', 'session_check', 'quota_key', 'role', 'client_protocol_version', 'http_write_exception_in_output_format',
  'cancel_http_readonly_queries_on_client_close'
]); // prettier-ignore

/** What would be silently wrong if it were ignored, and what to do instead. */
const notServed: Readonly<Record<string, string>> = {
  session_id: 'The embedded engine keeps no sessions: send settings with each query',
  role: 'The embedded engine has the roles of its two users only',
  client_protocol_version: 'The embedded engine writes Native without a protocol version'
};

/**
 * Reads who asks and what, the way ClickHouse does: X-ClickHouse-User and -Key, basic authorisation, or user and password.
 * @throws {EngineError} 516 for a wrong token, 48 for what the embedded engine does not do
 */
export function readRequest(
  request: IncomingMessage,
  tokens: Readonly<Record<Role, string>>,
  newId: () => string
): EngineRequest {
  const search = new URL(request.url ?? '/', 'http://engine').searchParams;
  const role = authenticate(request, search, tokens);
  for (const [name, sentence] of Object.entries(notServed))
    if ((search.get(name) ?? '') !== '') throw new EngineError(48, 'NOT_IMPLEMENTED', sentence);
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
    else if (!own.has(name)) settings.set(name, value);
  }
  return {
    role,
    query: search.get('query') ?? '',
    parameters,
    settings,
    format: header(request, 'x-clickhouse-format') ?? search.get('default_format') ?? undefined,
    database: database(header(request, 'x-clickhouse-database') ?? search.get('database') ?? '', role),
    queryId: search.get('query_id') || newId(),
    // ClickHouse compresses only when asked to in the URL; the header alone is not enough.
    compress:
      isOn(search.get('enable_http_compression')) &&
      /\bgzip\b/.test(header(request, 'accept-encoding') ?? ''),
    whole: isOn(search.get('wait_end_of_query'))
  };
}

function database(name: string, role: Role): string {
  if (name === '') return 'default';
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    throw new EngineError(81, 'UNKNOWN_DATABASE', 'A database name holds letters, digits and _');
  if (role === 'reader' && name === 'system')
    throw new EngineError(497, 'ACCESS_DENIED', 'The reader may not work in the database system');
  return name;
}

const isOn = (value: string | null) => value === '1' || value === 'true';

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
