/** An error as ClickHouse's HTTP interface tells it: code, name and a sentence. */
export class EngineError extends Error {
  readonly code: number;
  constructor(code: number, name: string, message: string) {
    super(`Code: ${code}. DB::Exception: ${message.replace(/[.\s]+$/, '')}. (${name})`);
    this.code = code;
  }

  get status(): number {
    return httpStatus(this.code);
  }
}

const outer = /^(?:Error: |Query failed: )?(?:Code: \d+\. DB::Exception: )+/;
const trailer = /\.?\s*(?:\(version [^)]*\)\.?\s*)?\(([A-Z][A-Z0-9_]+)\)\.?\s*$/;

/**
 * Turns what the native engine threw into an EngineError; its text repeats code and name when one layer passed it on.
 * @param ours text that we added to the statement: an error never shows it
 */
export function engineError(thrown: unknown, ours = ''): EngineError {
  if (thrown instanceof EngineError) return thrown;
  let text = thrown instanceof Error ? thrown.message : String(thrown);
  if (ours !== '') text = text.replaceAll(ours, '');
  const known = knownFailure(thrown);
  if (known) return known;
  const code = /Code: (\d+)\. DB::Exception: /.exec(text)?.[1];
  if (code === undefined) return new EngineError(1001, 'STD_EXCEPTION', text.slice(0, 2000));
  let name = 'UNKNOWN_EXCEPTION';
  text = text.trim().replace(outer, '');
  for (let match = trailer.exec(text); match !== null; match = trailer.exec(text)) {
    name = match[1] ?? name;
    text = text.slice(0, match.index);
  }
  return new EngineError(Number(code), name, text.slice(0, 8000));
}

/** Failures of the machine and of the body, told with the code ClickHouse has for them. */
function knownFailure(thrown: unknown): EngineError | undefined {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  if (code === 'ENOSPC')
    return new EngineError(243, 'NOT_ENOUGH_SPACE', 'No space is left for the body of the insert');
  if (typeof code === 'string' && /^(?:Z|ZSTD)_/.test(code))
    return new EngineError(354, 'ZLIB_INFLATE_FAILED', 'The body is not what its Content-Encoding says');
  return undefined;
}

const notFound = new Set([16, 46, 47, 50, 56, 60, 73, 78, 81, 115, 133, 336, 511]);
const badRequest = new Set([
  6, 15, 25, 26, 27, 33, 36, 38, 41, 43, 44, 53, 62, 69, 72, 117, 131, 167, 168, 321, 354, 376, 427, 441, 456, 457
]); // prettier-ignore

/**
 * HTTP status of an exception code: ClickHouse's own table, and the standard status where ClickHouse says 500
 * (164 READONLY, 202 TOO_MANY_SIMULTANEOUS_QUERIES, 307 TOO_MANY_BYTES) or 403 (516: no valid password was sent).
 */
function httpStatus(code: number): number {
  if (notFound.has(code)) return 404;
  if (badRequest.has(code)) return 400;
  switch (code) {
    case 194: // REQUIRED_PASSWORD
    case 516: // AUTHENTICATION_FAILED
      return 401;
    case 164: // READONLY
    case 192: // UNKNOWN_USER
    case 497: // ACCESS_DENIED
      return 403;
    case 159: // TIMEOUT_EXCEEDED
      return 408;
    case 307: // TOO_MANY_BYTES
    case 426: // QUERY_IS_TOO_LARGE
      return 413;
    case 48: // NOT_IMPLEMENTED
      return 501;
    case 202: // TOO_MANY_SIMULTANEOUS_QUERIES
    case 236: // ABORTED: stopping
      return 503;
    default:
      return 500;
  }
}
