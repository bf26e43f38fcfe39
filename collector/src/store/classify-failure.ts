import { clickhouseErrorCode } from '@vigie/store';

/**
 * What to do after a failed insert:
 * `retry` the same bytes will do later (network, time-out, load) · `isolate` one row is bad: put it apart ·
 * `park` nothing will do until someone acts (schema, access, disk): keep everything and say so.
 */
export type FailureVerdict = 'retry' | 'isolate' | 'park';

const retried = new Set([
  3, // UNEXPECTED_END_OF_FILE: the connection broke
  159, // TIMEOUT_EXCEEDED
  164, // READONLY: a replica that lost its keeper
  202, // TOO_MANY_SIMULTANEOUS_QUERIES
  209, // SOCKET_TIMEOUT
  210, // NETWORK_ERROR
  236, // ABORTED: stopping
  241, // MEMORY_LIMIT_EXCEEDED
  242, // TABLE_IS_READ_ONLY
  252, // TOO_MANY_PARTS
  319, // UNKNOWN_STATUS_OF_INSERT
  999 // KEEPER_EXCEPTION
]);

const isolated = new Set([
  6, // CANNOT_PARSE_TEXT
  26, // CANNOT_PARSE_QUOTED_STRING
  27, // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  32, // ATTEMPT_TO_READ_AFTER_EOF
  33, // CANNOT_READ_ALL_DATA
  38, // CANNOT_PARSE_DATE
  41, // CANNOT_PARSE_DATETIME
  53, // TYPE_MISMATCH
  69, // ARGUMENT_OUT_OF_BOUND
  70, // CANNOT_CONVERT_TYPE
  72, // CANNOT_PARSE_NUMBER
  117, // INCORRECT_DATA
  131, // TOO_LARGE_STRING_SIZE
  349, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
  469 // VIOLATED_CONSTRAINT
]);

/** Pure. No code at all means ClickHouse never answered, so the rows may or may not be there: retry. Unknown codes park. */
export function classifyFailure(error: unknown): FailureVerdict {
  const code = clickhouseErrorCode(error);
  if (code === undefined || retried.has(code)) return 'retry';
  return isolated.has(code) ? 'isolate' : 'park';
}

/** Position of the row ClickHouse complained about, from 0, or undefined when it did not say. */
export function refusedRow(error: unknown): number | undefined {
  const told = /\bat row (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  return told === undefined ? undefined : Number(told) - 1;
}

/** What may be logged of a failure: ClickHouse quotes the values it could not read. */
export function withoutValues(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = clickhouseErrorCode(error);
  const name = /\(([A-Z_]{4,})\)\s*$/.exec(message)?.[1];
  return code === undefined
    ? (message.split('\n')[0] ?? '').slice(0, 200)
    : `Code: ${code} ${name ?? ''}`.trim();
}
