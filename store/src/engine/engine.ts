import { mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createGzip } from 'node:zlib';
import type { Session } from 'chdb';
import { readBody, withDataFile } from './body.ts';
import { EngineError, engineError } from './error.ts';
import { readRequest, readerCaps, type EngineRequest, type Role } from './request.ts';
import { SessionPool } from './sessions.ts';
import {
  assignedNames,
  calledNames,
  isSeveral,
  parameterNames,
  quote,
  readStatement,
  words
} from './statement.ts';

export interface EngineOptions {
  /** Folder of the database files. */
  readonly path: string;
  /** Folder for insert bodies in flight: memory-backed where there is one. */
  readonly scratch: string;
  readonly tokens: Readonly<Record<Role, string>>;
}

/** Formats whose pieces put together are the whole: chDB writes each piece of the others as a document of its own. */
const streamed = new Set([
  'JSONEachRow',
  'JSONCompactEachRow',
  'CSV',
  'TSV',
  'TabSeparated',
  'TabSeparatedRaw',
  'TSVRaw',
  'RowBinary',
  'Native',
  'Values',
  'LineAsString',
  'RawBLOB'
]);

interface Chunk {
  raw(): Uint8Array;
}

/** Table functions a reader may call: they touch neither files nor network. */
const harmless = new Set([
  'numbers',
  'zeros',
  'values',
  'generate_series',
  'generateseries',
  'view',
  'null',
  'viewifpermitted'
]);
/** Keeps anonymous memory small: one hospital's questions read few granules often. */
const connectionArgs = ['--async_load_databases=0', '--async_load_system_database=0'];

/**
 * The embedded ClickHouse engine (chDB) behind the part of ClickHouse's HTTP interface that clients use: queries in URL or
 * body, `param_*`, settings, formats, gzip, streamed answers, `X-ClickHouse-*` headers, exception codes, `/ping`.
 * Readers have their own read-only sessions with caps; what a query sets does not outlive it.
 */
export class Engine {
  readonly #options: EngineOptions;
  readonly #pools: Readonly<Record<Role, SessionPool>>;
  readonly #denied = new Set<string>();

  constructor(options: EngineOptions) {
    this.#options = options;
    mkdirSync(options.path, { recursive: true, mode: 0o700 });
    rmSync(options.scratch, { recursive: true, force: true });
    mkdirSync(options.scratch, { recursive: true, mode: 0o700 });
    const writer = new SessionPool(options.path, {
      size: 3,
      queueLimit: 64,
      connectionArgs,
      prepare: ['SET max_threads=2']
    });
    const reader = new SessionPool(options.path, {
      size: 6,
      queueLimit: 128,
      connectionArgs,
      prepare: ['SET max_threads=2', 'SET readonly=2']
    });
    this.#pools = { writer, reader };
  }

  /** Reads which table functions this engine has, so that readers are kept from all that reach outside. */
  async prepare(): Promise<this> {
    const text = await this.#pools.writer.with(async (session) =>
      (await session.queryAsync('SELECT lower(name) FROM system.table_functions', { format: 'TSV' })).text()
    );
    for (const name of text.split('\n')) if (name !== '' && !harmless.has(name)) this.#denied.add(name);
    return this;
  }

  /** An HTTP server; the caller binds it to loopback. */
  server(): Server {
    // Bound parameters travel in the URL, and lists of a large group are long: the limit is ClickHouse's own, 1 MiB.
    return createServer({ maxHeaderSize: 1_048_576 }, (request, response) => {
      void this.#serve(request, response);
    });
  }

  close(): void {
    this.#pools.reader.close();
    this.#pools.writer.close();
    rmSync(this.#options.scratch, { recursive: true, force: true });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?')[0];
    const bare =
      path === '/ping' || (path === '/' && request.method === 'GET' && !request.url?.includes('query='));
    if (bare)
      return void response.writeHead(200, { 'content-type': 'text/html; charset=UTF-8' }).end('Ok.\n');
    try {
      if (path !== '/') throw new EngineError(48, 'NOT_IMPLEMENTED', 'Only / and /ping are served');
      const asked = readRequest(request, this.#options.tokens, randomUUID);
      response.setHeader('X-ClickHouse-Query-Id', asked.queryId);
      response.setHeader('X-ClickHouse-Server-Display-Name', 'vigie-embedded');
      response.setHeader('X-ClickHouse-Timezone', 'UTC');
      await this.#run(asked, request, response);
    } catch (thrown) {
      fail(response, engineError(thrown));
    }
  }

  async #run(asked: EngineRequest, request: IncomingMessage, response: ServerResponse): Promise<void> {
    let sql = asked.query;
    let data: IncomingMessage | Buffer = request;
    if (readStatement(sql).kind !== 'insert-data') {
      const body = await readBody(request);
      data = body;
      if (sql === '' || body.length > 0) {
        // latin1 keeps one character a byte, so that the offset of the data is an offset in bytes.
        const joined = Buffer.concat([Buffer.from(sql === '' ? '' : `${sql}\n`), body]);
        const inline = readStatement(joined.toString('latin1', 0, Math.min(joined.length, 1 << 20)));
        if (inline.kind === 'insert-data') {
          sql = joined.toString('utf8', 0, inline.dataAt);
          data = joined.subarray(inline.dataAt);
        } else sql = joined.toString('utf8');
      }
    }
    const statement = readStatement(sql);
    this.#permit(asked, statement.kind === 'command' ? statement.verb : '', sql);
    await this.#pools[asked.role].with(async (session) => {
      for (const name of parameterNames(sql)) {
        const value = asked.parameters.get(name);
        if (value === undefined)
          throw new EngineError(
            456,
            'UNKNOWN_QUERY_PARAMETER',
            `Substitution \`${name}\` is not set: send param_${name}`
          );
        await session.queryAsync(`SET param_${name} = ${quote(value)}`);
      }
      await session.queryAsync(`USE ${identifier(asked.database ?? 'default')}`);
      if (statement.kind === 'output') return answer(session, statement, asked, response);
      if (statement.kind === 'command') {
        await session.queryAsync(sql);
        return void response.writeHead(200, summary(0, 0)).end();
      }
      if (asked.role === 'reader') throw new EngineError(164, 'READONLY', 'The reader cannot insert');
      const extra = settingsClause(asked.settings, statement.settings);
      const written = await withDataFile(this.#options.scratch, randomUUID(), data, (path) =>
        session.queryAsync(`${statement.head} FROM INFILE ${quote(path)}${extra} FORMAT ${statement.format}`)
      );
      response.writeHead(200, summary(written.rowsRead, written.bytesRead)).end();
    });
  }

  /** What chDB would let through and we do not: settings that stick, files and network for readers, files for all. */
  #permit(asked: EngineRequest, verb: string, sql: string): void {
    if (verb === 'SET' || verb === 'USE')
      throw new EngineError(
        48,
        'NOT_IMPLEMENTED',
        `${verb} would outlive the query: send settings and database with each query`
      );
    if (verb === '') {
      const used = words(sql);
      if (used.has('OUTFILE')) throw new EngineError(497, 'ACCESS_DENIED', 'INTO OUTFILE is not served');
    }
    if (asked.role !== 'reader') return;
    if (isSeveral(sql))
      throw new EngineError(497, 'ACCESS_DENIED', 'The reader sends one statement at a time');
    const assigned = assignedNames(sql);
    for (const name of ['readonly', ...Object.keys(readerCaps)])
      if (assigned.has(name))
        throw new EngineError(
          164,
          'READONLY',
          `The reader may not set ${name} in a statement: send it with the query`
        );
    for (const name of calledNames(sql))
      if (this.#denied.has(name))
        throw new EngineError(497, 'ACCESS_DENIED', `The reader may not call ${name}()`);
  }
}

async function answer(
  session: Session,
  statement: { readonly body: string; readonly format: string | undefined; readonly settings: string },
  asked: EngineRequest,
  response: ServerResponse
): Promise<void> {
  const format = statement.format ?? asked.format ?? 'TabSeparated';
  if (!/^\w+$/.test(format))
    throw new EngineError(73, 'UNKNOWN_FORMAT', 'A format name holds letters, digits and _');
  const sql = `${statement.body} FORMAT ${format}${settingsClause(asked.settings, statement.settings)}`;
  const stream =
    streamed.has(format) && /^[\s(]*(?:SELECT|WITH|FROM)\b/i.test(statement.body)
      ? session.queryStream(sql, { format })
      : wholeAnswer(session, sql, format);
  const gone = new AbortController();
  const left = () => {
    gone.abort();
    stream.cancel();
  };
  response.on('close', left);
  try {
    const headers = { ...summary(0, 0), 'X-ClickHouse-Format': format, 'content-type': contentType(format) };
    const out = asked.compress ? createGzip({ level: 1 }) : response;
    if (asked.compress) {
      out.pipe(response);
      out.on('error', left);
    }
    // The head goes out with the first chunk, so that an error before it still gets its status.
    for await (const chunk of stream) {
      if (response.destroyed) return;
      if (!response.headersSent)
        response.writeHead(200, asked.compress ? { ...headers, 'content-encoding': 'gzip' } : headers);
      if (!out.write(chunk.raw())) await once(out, 'drain', { signal: gone.signal });
    }
    if (!response.headersSent)
      response.writeHead(200, asked.compress ? { ...headers, 'content-encoding': 'gzip' } : headers);
    out.end();
    if (!response.writableFinished) await once(response, 'finish', { signal: gone.signal });
  } catch (thrown) {
    if (!gone.signal.aborted) throw thrown;
  } finally {
    response.off('close', left);
    stream.cancel();
  }
}

/** What chDB does not stream, as one chunk: short answers (SHOW, EXPLAIN), and documents, bounded by max_result_bytes. */
function wholeAnswer(
  session: Session,
  sql: string,
  format: string
): AsyncIterable<Chunk> & { cancel(): void } {
  return {
    async *[Symbol.asyncIterator]() {
      const result = await session.queryAsync(sql, { format });
      yield { raw: () => result.bytes() };
    },
    cancel: () => undefined
  };
}

/** The query's own settings win over those of the URL. */
function settingsClause(settings: ReadonlyMap<string, string>, own: string): string {
  const ownNames = new Set([...own.matchAll(/(\w+)\s*=/g)].map((match) => match[1]));
  const list = [...settings]
    .filter(([name]) => !ownNames.has(name))
    .map(([name, value]) => `${name} = ${quote(value)}`);
  if (own !== '') list.unshift(own);
  return list.length === 0 ? '' : ` SETTINGS ${list.join(', ')}`;
}

function identifier(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    throw new EngineError(81, 'UNKNOWN_DATABASE', 'A database name holds letters, digits and _');
  return `\`${name}\``;
}

const summary = (rows: number, bytes: number) => ({
  'X-ClickHouse-Summary': JSON.stringify({
    read_rows: String(rows),
    read_bytes: String(bytes),
    written_rows: String(rows),
    written_bytes: String(bytes)
  })
});

function contentType(format: string): string {
  if (/^JSON(Compact|Columns)?$|^JSONCompactColumns$/.test(format)) return 'application/json; charset=UTF-8';
  if (/JSON/.test(format)) return 'application/x-ndjson; charset=UTF-8';
  if (/^CSV/.test(format)) return 'text/csv; charset=UTF-8; header=absent';
  if (/^(Native|RowBinary|Parquet|Arrow)/.test(format)) return 'application/octet-stream';
  return 'text/tab-separated-values; charset=UTF-8';
}

function fail(response: ServerResponse, error: EngineError): void {
  if (response.destroyed) return;
  if (response.headersSent) {
    // Too late for a status: the text is told, and the unfinished body says that the answer is not whole.
    response.write(`\n${error.message}\n`, () => response.destroy());
    return;
  }
  response
    .writeHead(error.status, {
      'X-ClickHouse-Exception-Code': String(error.code),
      'content-type': 'text/plain; charset=UTF-8'
    })
    .end(`${error.message}\n`);
}

/** The scratch folder: in memory where the system has such a place, else beside the database. */
export function scratchFolder(dataFolder: string, memoryFolder: string | undefined, id: string): string {
  return memoryFolder === undefined
    ? join(dataFolder, 'engine-scratch')
    : join(memoryFolder, `vigie-engine-${id}`);
}
