import { readFile } from 'node:fs/promises';
import type { Reception } from '../reception.ts';
import type { Place, Spool, SpoolCursor } from '../spool/spool.ts';
import { pause } from './schedule.ts';

/** What pullers and probes need of the collector. */
export interface PullDependencies {
  readonly spool: Pick<Spool, 'append' | 'room' | 'cursor' | 'closed'>;
  /** Calls must not throw. No address, no data: ids, counts and codes. */
  readonly observe: {
    /** One run that found something or nothing. */
    pulled(id: string, records: number): void;
    /** One run, or a part of it, that failed: code of a closed list, and a sentence without data. */
    failed(id: string, code: PullFailure, message: string): void;
    /** How far it is with what it has to catch up: done, of how many. */
    progress?(id: string, done: number, of: number): void;
  };
  readonly now?: () => number;
}

/** A pull that failed in a way that has a name. */
export class PullError extends Error {
  readonly code: PullFailure;
  /** HTTP status, for the code `status`. */
  readonly status: number | undefined;
  constructor(code: PullFailure, message: string, options?: ErrorOptions & { readonly status?: number }) {
    super(message, options);
    this.code = code;
    this.status = options?.status;
  }
}
/** Why a pull failed. */
export type PullFailure =
  | 'timeout'
  | 'unreachable'
  | 'status'
  | 'too-large'
  | 'not-readable'
  | 'missing'
  | 'contradiction'
  | 'reset'
  | 'gone'
  | 'configuration'
  | 'rejected'
  | 'refused'
  | 'partial'
  | 'unforeseen';

/** Tells the observer of a failure by its code. */
export function report(id: string, error: unknown, { observe }: PullDependencies): void {
  if (error instanceof PullError) observe.failed(id, error.code, error.message);
  else observe.failed(id, 'unforeseen', error instanceof Error ? error.name : 'unknown error');
}

/** Keeps what was pulled, waiting for room: the source still has it. @returns null when told to stop meanwhile */
export async function keepWhenRoom(
  receptions: readonly Reception[],
  cursor: SpoolCursor | readonly SpoolCursor[] | undefined,
  { spool }: PullDependencies,
  signal: AbortSignal
): Promise<readonly Place[] | null> {
  for (;;) {
    if (signal.aborted || spool.closed) return null;
    try {
      return await spool.append(receptions, cursor === undefined ? {} : { cursor });
    } catch {
      await Promise.race([spool.room(), pause(60_000, signal)]);
      await pause(100, signal);
    }
  }
}

/**
 * Basic authentication of a pull. The password is read each time, so that it can be changed without a restart.
 * @throws {PullError} configuration
 */
export async function authorizationOf(pull: {
  readonly username?: string | undefined;
  readonly password_file?: string | undefined;
}): Promise<Record<string, string>> {
  const { username, password_file: file } = pull;
  if (username === undefined) return {};
  try {
    const password = file === undefined ? '' : (await readFile(file, 'utf8')).trim();
    return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
  } catch (error) {
    throw new PullError('configuration', 'its password_file cannot be read', { cause: error });
  }
}

interface FetchOptions {
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Fetches with a time limit, a cap on the body, no redirects. @throws {PullError} timeout, unreachable, status, too-large */
export const fetchText = async (url: string, options: FetchOptions): Promise<string> =>
  (await fetchAnswer(url, options)).text;

/** As fetchText, with the Warning header. */
export async function fetchAnswer(
  url: string,
  options: FetchOptions
): Promise<{ readonly text: string; readonly warning: string }> {
  const limit = AbortSignal.timeout(options.timeoutMs);
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.any([options.signal, limit]),
      headers: { 'user-agent': 'vigie-collector', ...options.headers }
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new PullError('status', `it answered ${response.status}`, { status: response.status });
    }
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response.body ?? []) {
      length += chunk.length;
      if (length > options.maxBytes)
        throw new PullError('too-large', `its answer is larger than ${options.maxBytes} bytes`);
      chunks.push(chunk);
    }
    const text = new TextDecoder().decode(Buffer.concat(chunks));
    return { text, warning: response.headers.get('warning') ?? '' };
  } catch (error) {
    if (error instanceof PullError) throw error;
    if (limit.aborted)
      throw new PullError('timeout', `it did not answer within ${options.timeoutMs} ms`, { cause: error });
    throw new PullError('unreachable', 'it cannot be reached', { cause: error });
  }
}
