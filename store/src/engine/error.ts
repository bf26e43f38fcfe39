/** An error as ClickHouse's HTTP interface tells it. */
export class EngineError extends Error {
  readonly code: number;
  readonly status: number;
  constructor(code: number, name: string, message: string) {
    super(`Code: ${code}. DB::Exception: ${message}. (${name})`);
    this.code = code;
    this.status = httpStatus(code);
  }
}

/** Turns whatever the native engine threw into an EngineError. Unknown failures are code 1001 (STD_EXCEPTION). */
export function engineError(thrown: unknown): EngineError {
  if (thrown instanceof EngineError) return thrown;
  const text = (thrown instanceof Error ? thrown.message : String(thrown))
    .replace(/^Query failed: /, '')
    .trim();
  const match = /Code: (\d+)\. DB::Exception: ([\s\S]*?)\.?\s*\(([A-Z0-9_]+)\)/.exec(text);
  if (match) return new EngineError(Number(match[1]), match[3] ?? 'UNKNOWN', (match[2] ?? '').trim());
  return new EngineError(1001, 'STD_EXCEPTION', text.slice(0, 2000));
}

/** HTTP status of an exception code, as ClickHouse's HTTPHandler maps them. */
function httpStatus(code: number): number {
  switch (code) {
    case 516: // AUTHENTICATION_FAILED
      return 401;
    case 497: // ACCESS_DENIED
    case 164: // READONLY
      return 403;
    case 60: // UNKNOWN_TABLE
    case 81: // UNKNOWN_DATABASE
    case 46: // UNKNOWN_FUNCTION
    case 47: // UNKNOWN_IDENTIFIER
    case 16: // NO_SUCH_COLUMN_IN_TABLE
    case 115: // UNKNOWN_SETTING
    case 73: // UNKNOWN_FORMAT
      return 404;
    case 62: // SYNTAX_ERROR
    case 27: // CANNOT_PARSE_INPUT_ASSERTION_FAILED
    case 26: // CANNOT_PARSE_QUOTED_STRING
    case 38: // CANNOT_PARSE_DATE
    case 41: // CANNOT_PARSE_DATETIME
    case 72: // CANNOT_PARSE_NUMBER
    case 6: // CANNOT_PARSE_TEXT
    case 53: // TYPE_MISMATCH
    case 43: // ILLEGAL_TYPE_OF_ARGUMENT
    case 456: // UNKNOWN_QUERY_PARAMETER
    case 457: // BAD_QUERY_PARAMETER
    case 33: // CANNOT_READ_ALL_DATA
    case 117: // INCORRECT_DATA
      return 400;
    case 307: // TOO_MANY_BYTES
      return 413;
    case 202: // TOO_MANY_SIMULTANEOUS_QUERIES
      return 503;
    case 159: // TIMEOUT_EXCEEDED
      return 408;
    case 48: // NOT_IMPLEMENTED
      return 501;
    default:
      return 500;
  }
}
