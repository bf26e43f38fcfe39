import { expect, test } from 'vitest';
import { EngineError, engineError } from './error.ts';

test.each([
  [
    'Code: 164. DB::Exception: Code: 164. DB::Exception: Cannot modify x. (READONLY) (version 26.7.2.1). (READONLY)',
    'Code: 164. DB::Exception: Cannot modify x. (READONLY)'
  ],
  [
    'Query failed: Code: 60. DB::Exception: Table (A) of (UTC) is not there. (UNKNOWN_TABLE)',
    'Code: 60. DB::Exception: Table (A) of (UTC) is not there. (UNKNOWN_TABLE)'
  ],
  ['terminate', 'Code: 1001. DB::Exception: terminate. (STD_EXCEPTION)']
])('%s is told once, with its code and name', (text, told) => {
  expect(engineError(text).message).toBe(told);
});

test('what we added to a statement is not shown', () => {
  const ours = "\nINTO OUTFILE '/x/0.pipe' APPEND FORMAT TSV";
  const error = engineError(`Code: 62. DB::Exception: failed at (: (${ours}. (SYNTAX_ERROR)`, ours);
  expect(error.message).toBe('Code: 62. DB::Exception: failed at (: (. (SYNTAX_ERROR)');
});

test('a full disk and a broken gzip body have their codes', () => {
  const failure = (code: string) => Object.assign(new Error('x'), { code });
  expect(engineError(failure('ENOSPC')).code).toBe(243);
  expect(engineError(failure('Z_DATA_ERROR')).status).toBe(400);
  const own = new EngineError(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', 'busy');
  expect(engineError(own)).toBe(own);
  expect(own.status).toBe(503);
});
