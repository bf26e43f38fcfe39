import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { EngineError, engineError } from './error.ts';
import type { Outcome } from './slot.ts';

/** The first bytes are held back, as in ClickHouse: an error among them still gets its status, a short answer its summary. */
const heldBytes = 1024 * 1024;
/** A client that takes nothing for so long gives up its place. */
const stallMs = 60_000;

export interface Answer {
  readonly rows: AsyncIterable<Buffer>;
  readonly outcome: Promise<Outcome>;
  readonly format: string;
  readonly compress: boolean;
  /** Text of ours in the statement, which errors must not show. */
  readonly ours: string;
  /** Set when the client has left or stalls. */
  readonly gone: AbortController;
}

/**
 * Sends rows while the engine makes them. The status goes out with the first held bytes; a later error is told as
 * ClickHouse does (exception tag), and the connection is cut so that nobody takes the part for the whole.
 */
export async function streamAnswer(response: ServerResponse, answer: Answer): Promise<void> {
  const tag = randomBytes(8).toString('hex');
  const held: Buffer[] = [];
  let length = 0;
  let out: Writable | undefined;
  for await (const chunk of answer.rows) {
    if (out) await write(out, chunk, answer.gone);
    else {
      held.push(chunk);
      length += chunk.length;
      if (length >= heldBytes) {
        out = open(response, answer, { 'X-ClickHouse-Exception-Tag': tag });
        await write(out, Buffer.concat(held.splice(0)), answer.gone);
      }
    }
  }
  const outcome = await answer.outcome;
  if ('error' in outcome) {
    const error = engineError(outcome.error, answer.ours);
    if (!out) throw error;
    return cut(out, response, error, tag);
  }
  out ??= open(response, answer, summary(outcome));
  await finish(out, Buffer.concat(held), response, answer.gone);
}

/** Waits for the end of the statement, then sends all rows or the error (`wait_end_of_query=1`). */
export async function wholeAnswer(response: ServerResponse, answer: Answer, file: string): Promise<void> {
  try {
    await pipeline(answer.rows, createWriteStream(file, { mode: 0o600 }));
    const outcome = await answer.outcome;
    if ('error' in outcome) throw engineError(outcome.error, answer.ours);
    const out = open(response, answer, summary(outcome));
    for await (const chunk of createReadStream(file)) await write(out, chunk as Buffer, answer.gone);
    await finish(out, Buffer.alloc(0), response, answer.gone);
  } finally {
    await rm(file, { force: true });
  }
}

/** What chDB counts of a statement: the rows it answered, or wrote for an INSERT whose data was sent. */
export function summary(outcome: Outcome, kind: 'result' | 'written' = 'result'): Record<string, string> {
  if ('error' in outcome) return {};
  const counts = { [`${kind}_rows`]: String(outcome.rows), [`${kind}_bytes`]: String(outcome.bytes) };
  return { 'X-ClickHouse-Summary': JSON.stringify(counts) };
}

function open(response: ServerResponse, answer: Answer, headers: Record<string, string>): Writable {
  response.writeHead(200, {
    ...headers,
    'X-ClickHouse-Format': answer.format,
    'content-type': contentType(answer.format),
    ...(answer.compress && { 'content-encoding': 'gzip' })
  });
  if (!answer.compress) return response;
  const gzip = createGzip({ level: 1 });
  gzip.pipe(response);
  return gzip;
}

async function write(out: Writable, chunk: Buffer, gone: AbortController): Promise<void> {
  if (gone.signal.aborted) throw left();
  if (out.write(chunk)) return;
  const timer = setTimeout(() => gone.abort(), stallMs);
  try {
    await once(out, 'drain', { signal: gone.signal });
  } catch {
    throw left();
  } finally {
    clearTimeout(timer);
  }
}

async function finish(
  out: Writable,
  last: Buffer,
  response: ServerResponse,
  gone: AbortController
): Promise<void> {
  out.end(last);
  if (response.writableFinished) return;
  try {
    await once(response, 'finish', { signal: AbortSignal.any([gone.signal, AbortSignal.timeout(stallMs)]) });
  } catch {
    throw left();
  }
}

async function cut(out: Writable, response: ServerResponse, error: EngineError, tag: string): Promise<void> {
  const text = error.message.replaceAll(/\s*\n\s*/g, ' ');
  const length = Buffer.byteLength(text) + 1;
  const block = `\r\n__exception__\r\n${tag}\r\n${text}\n${length} ${tag}\r\n__exception__\r\n`;
  await new Promise<void>((resolve) => out.write(block, () => resolve()));
  if (out !== response) {
    const gzip = out as ReturnType<typeof createGzip>;
    await new Promise<void>((resolve) => gzip.flush(() => resolve()));
  }
  // One turn, so that what was written leaves before the connection is cut.
  await new Promise((resolve) => setImmediate(resolve));
  response.destroy();
}

const left = () => new EngineError(210, 'NETWORK_ERROR', 'The client left');

function contentType(format: string): string {
  if (/^JSON(Compact|Columns|Strings)?$|^JSONCompact(Columns|Strings)$/.test(format))
    return 'application/json; charset=UTF-8';
  if (format.includes('JSON')) return 'application/x-ndjson; charset=UTF-8';
  if (format.startsWith('CSV'))
    return `text/csv; charset=UTF-8; header=${format.includes('Names') ? 'present' : 'absent'}`;
  if (/^(?:TSV|TabSeparated)/.test(format)) return 'text/tab-separated-values; charset=UTF-8';
  if (/^(?:Native|RowBinary|Parquet|Arrow|ORC|Avro|MsgPack|Protobuf)/.test(format))
    return 'application/octet-stream';
  return 'text/plain; charset=UTF-8';
}
