import { z } from 'zod';
import { Undecodable } from '../undecodable.ts';
import { readRecord } from '../json/record.ts';

/** Numbers as log formats write them: bare, quoted, or `-` and '' for none. */
const Figure = z
  .union([z.number(), z.string().regex(/^(?:\d{1,20}(?:\.\d{1,9})?|-|)$/)], {
    error: 'must be a number, "-" or empty'
  })
  .transform((told) => (told === '' || told === '-' ? undefined : Number(told)))
  .refine((told) => told === undefined || (Number.isFinite(told) && told >= 0), 'must not be negative')
  .optional();
const Text = (max: number) => z.string().max(max).optional();

/**
 * One request as `log_format … escape=json` of nginx or `LogFormat` of Apache writes it. Fields that are not named here, the
 * user's login among them, are not read.
 */
const Line = z.looseObject({
  /** Seconds since 1970 when the request began (Apache), or when it was logged, at its end (nginx). */
  start: Figure,
  msec: Figure,
  method: z.string().regex(/^[A-Z]{1,16}$/, 'must be a method such as GET'),
  uri: z.string().min(1).max(65_536),
  status: Figure,
  client: Text(64),
  xff: Text(2048),
  host: Text(255),
  ua: Text(2048),
  bytes_in: Figure,
  bytes_out: Figure,
  body_out: Figure,
  /** Seconds the request took (nginx), or microseconds (Apache). */
  rt: Figure,
  rt_us: Figure,
  /** nginx $request_completion: OK, or '' when the client was gone; Apache %X: `X` when it was. */
  completion: Text(16)
});

export interface ToldRequest {
  /** Beginning of the request, ms since 1970. */
  readonly at: number;
  readonly durationMs: number | null;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly status: number;
  readonly aborted: boolean;
  readonly client: string;
  readonly forwardedFor: string;
  readonly host: string;
  readonly agent: string;
  readonly bytesIn: number | null;
  readonly bytesOut: number | null;
}

/** Any escape, so that `\\x41`, a backslash before a text, is not taken for a byte. */
const apacheEscape = /\\(?:x([0-9A-Fa-f]{2})|[^])/g;

/**
 * Reads one line of an access log. Apache escapes bytes as `\xhh` and `\v`, which no JSON has: they are read as Latin-1 (a repair).
 * @throws {Undecodable} bad-json, missing-field, bad-value: the message names the field, never its content
 */
export function readAccessLog(body: Buffer): { request: ToldRequest; repairs: readonly string[] } {
  let apache = false;
  const text = body.toString('latin1').replaceAll(apacheEscape, (told: string, byte?: string) => {
    const code = byte ?? (told === String.raw`\v` ? '0b' : undefined);
    if (code === undefined) return told;
    apache = true;
    return String.raw`\u00${code}`;
  });
  const sound = apache ? Buffer.from(text, 'latin1') : body;
  const line = readRecord(sound, Line);
  const { start, msec, rt, rt_us: micros, status, completion = '' } = line;
  const durationMs = micros !== undefined ? micros / 1000 : rt !== undefined ? rt * 1000 : null;
  const ended = msec === undefined ? undefined : msec * 1000 - (durationMs ?? 0);
  const at = start === undefined ? ended : start * 1000;
  if (at === undefined)
    throw new Undecodable(
      'missing-field',
      'msec is missing: log $msec (nginx), or start (Apache), in seconds'
    );
  if (status === undefined) throw new Undecodable('missing-field', 'status is missing: log $status');
  const [path = '', query = ''] = split(line.uri);
  const request = {
    at: Math.round(at),
    durationMs: durationMs === null ? null : Math.round(durationMs),
    method: line.method,
    path,
    query,
    status,
    aborted: status === 499 || completion === 'X',
    client: line.client ?? '',
    forwardedFor: line.xff ?? '',
    host: (line.host ?? '').replace(/:\d+$/, ''),
    agent: line.ua ?? '',
    bytesIn: line.bytes_in ?? null,
    bytesOut: line.body_out ?? line.bytes_out ?? null
  };
  return { request, repairs: apache ? ['apache-escapes'] : [] };
}

function split(uri: string): [string, string] {
  const at = uri.indexOf('?');
  return at < 0 ? [uri, ''] : [uri.slice(0, at), uri.slice(at + 1)];
}
