import { pipeline, Readable, type Duplex } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ApiKey } from '@vigie/schemas';
import { parse, type CsvError } from 'csv-parse';
import { Hono } from 'hono';
import { karnakColumns } from '../decode/karnak.ts';
import { judge } from '../judge.ts';
import type { Reception } from '../reception.ts';
import { codeOf, peerOf, type Env } from './http-context.ts';
import { RefusedError, refusals } from './http-errors.ts';
import type { Gate } from './http-gate.ts';
import { refuse } from './http-refuse.ts';
import type { HttpDependencies } from './http-dependencies.ts';
import type { SourceLimit } from './source-limits.ts';

/** Rows of one export: a month of a large gateway. They are read one by one and kept by batches, so memory stays flat. */
const rowLimit = 500_000;
const batchRows = 500;
const maxRowBytes = 64_000;
/** Refused rows that the answer names; all are counted. */
const namedRows = 100;

interface Complaint {
  readonly line: number;
  readonly column: string;
  readonly message: string;
}
interface Answer {
  accepted: number;
  rejected: number;
  /** The first of them. */
  readonly errors: Complaint[];
}

/**
 * Karnak's CSV export of its monitoring: `POST /v1/transfers/karnak`, text/csv, plain or gzip, streamed. Each row becomes one record of
 * the feed `transfers`; one that cannot is kept in quarantine, and told by line and column.
 */
export function createKarnakApp(dependencies: HttpDependencies, gate: Gate): Hono<Env> {
  const { observe, now = Date.now } = dependencies;
  const app = new Hono<Env>();
  app.all('/', async (context) => {
    const startedAt = now();
    const peer = peerOf(context);
    let key: ApiKey | undefined;
    const answer: Answer = { accepted: 0, rejected: 0, errors: [] };
    const told = (status: number, code: Parameters<typeof observe.request>[0]['code']) =>
      observe.request({
        key: key?.id ?? '',
        feed: 'transfers',
        peer,
        status,
        code,
        accepted: answer.accepted,
        rejected: answer.rejected,
        bytes: 0,
        ms: now() - startedAt
      });
    try {
      if (context.req.method !== 'POST') throw new RefusedError('method-not-allowed');
      key = gate.key(context.req.header('authorization'), peer, startedAt);
      const limit = gate.admit(key, 'transfers', peer, startedAt);
      const type = (context.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
      if (type !== 'text/csv') throw new RefusedError('karnak-media-type');
      const reception = {
        format: 'karnak',
        transport: 'http',
        peer,
        source: key.system ?? key.id,
        receivedAt: startedAt
      } as const;
      await takeRows(bodyOf(context.req.raw), reception, answer, limit, dependencies);
      if (answer.accepted + answer.rejected === 0) throw new RefusedError('nothing-to-take');
      const status = answer.accepted === 0 ? 422 : 200;
      told(status, status === 200 ? '' : 'bad-record');
      return context.json(answer, status);
    } catch (error) {
      const code = codeOf(error, observe);
      told(refusals[code].status, code);
      return refuse(context, code, error instanceof RefusedError ? error.retryAfter : undefined);
    }
  });
  return app;
}

/** The body, and what unpacks it. */
function bodyOf(request: Request): [Readable, ...Duplex[]] {
  const encoding = (request.headers.get('content-encoding') ?? 'identity').trim().toLowerCase();
  const plain = encoding === 'identity';
  if (!plain && encoding !== 'gzip' && encoding !== 'x-gzip') throw new RefusedError('unsupported-encoding');
  if (request.body === null) throw new RefusedError('nothing-to-take');
  const body = Readable.fromWeb(request.body as Parameters<typeof Readable.fromWeb>[0]);
  return plain ? [body] : [body, createGunzip()];
}

async function takeRows(
  body: [Readable, ...Duplex[]],
  reception: Omit<Reception, 'raw'>,
  answer: Answer,
  limit: SourceLimit,
  dependencies: HttpDependencies
): Promise<void> {
  const parser = parse({
    bom: true,
    columns: checkedHeader,
    delimiter: [',', ';', '\t'],
    info: true,
    max_record_size: maxRowBytes,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true
  });
  // Whatever stage fails, the parser ends with its error, which is met below.
  pipeline([...body, parser], () => undefined);
  let batch: { reception: Reception; line: number }[] = [];
  let rows = 0;
  const flush = async () => {
    if (batch.length === 0) return;
    await dependencies.spool.append(batch.map((one) => one.reception));
    limit.charge(batch.length, reception.receivedAt);
    for (const one of batch) note(one.reception, one.line, answer, dependencies);
    batch = [];
  };
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: object;
      info: { lines: number };
    }>) {
      if (++rows > rowLimit) throw new RefusedError('too-many-records');
      const raw = Buffer.from(JSON.stringify(record));
      batch.push({ reception: { ...reception, raw }, line: info.lines });
      if (batch.length >= batchRows) await flush();
    }
  } catch (error) {
    await flush();
    if (error instanceof RefusedError) throw error;
    const { code = '', lines = 0 } = error as CsvError & { lines?: number };
    if (!code.startsWith('CSV_') || rows === 0) throw new RefusedError('karnak-body');
    answer.rejected += 1;
    answer.errors.push({
      line: lines,
      column: '',
      message: 'is not CSV (RFC 4180): what follows it was not read'
    });
    return;
  }
  await flush();
}

/** @throws {RefusedError} karnak-header when a column that is needed is not there */
function checkedHeader(header: readonly string[]): string[] {
  if (karnakColumns.some((name) => !header.includes(name))) throw new RefusedError('karnak-header');
  return [...header];
}

function note(reception: Reception, line: number, answer: Answer, { directory }: HttpDependencies): void {
  const verdict = judge(reception, directory);
  if (verdict.kind === 'facts') {
    answer.accepted += 1;
    return;
  }
  answer.rejected += 1;
  if (answer.errors.length >= namedRows) return;
  const [, column = '', message = verdict.detail] = /^column "([^"]*)" (.*)$/.exec(verdict.detail) ?? [];
  answer.errors.push({ line, column, message });
}
