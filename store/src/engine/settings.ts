import { EngineError } from './error.ts';
import { quote } from './lexer.ts';
import type { EngineRequest, Role } from './request.ts';
import { parameters } from './statement.ts';

/** Settings a reader may send; anything else is refused, so that no cap can be lifted. */
const readerSettings = new Set([
  'max_execution_time', 'max_memory_usage', 'max_result_rows', 'max_result_bytes', 'max_rows_to_read', 'max_bytes_to_read', 'max_threads',
  'max_block_size', 'log_comment', 'result_overflow_mode', 'read_overflow_mode', 'timeout_overflow_mode', 'readonly', 'session_timezone',
  'output_format_json_quote_64bit_integers', 'output_format_json_quote_denormals', 'output_format_json_array_of_rows',
  'date_time_output_format', 'date_time_input_format', 'join_use_nulls', 'extremes', 'use_query_cache', 'optimize_read_in_order',
  'use_skip_indexes_on_data_read'
]); // prettier-ignore

export type Limits = Readonly<Record<string, number>>;

/**
 * What every query of a role starts from: seconds, bytes, rows. For the reader these are upper bounds too.
 * @param memoryBytes what all queries and merges together may take
 */
export function limits(role: Role, memoryBytes: number): Limits {
  const common = {
    max_threads: 2,
    // Large groups and sorts go to disk long before they reach the cap.
    max_bytes_before_external_group_by: 33_554_432,
    max_bytes_before_external_sort: 33_554_432
  };
  return role === 'writer'
    ? {
        ...common,
        max_execution_time: 0,
        // An insert that is refused once would be refused for ever: nothing but the whole bounds it.
        max_memory_usage: 0,
        max_result_rows: 0
      }
    : {
        ...common,
        max_execution_time: 60,
        max_memory_usage: Math.round(memoryBytes * 0.25),
        max_result_rows: 10_000_000
      };
}

/**
 * What is said to a session before and after one statement, so that nothing of it stays (chDB keeps what it is told).
 * As in ClickHouse, a setting in the statement wins over one of the URL.
 * @param mark begins the query's log_comment, by which it is found in system.processes and killed
 * @param initial settings that chDB itself changes from ClickHouse's defaults, with their values
 * @throws {EngineError} 115, 164, 456
 */
export function aroundStatement(
  sql: string,
  asked: Pick<EngineRequest, 'role' | 'settings' | 'parameters'>,
  limit: Limits,
  mark: string,
  initial: ReadonlyMap<string, string>
): { before: string; after: string } {
  const settings = new Map(Object.entries(limit).map(([name, value]) => [name, String(value)]));
  for (const [name, value] of asked.settings) {
    const known = settingName(name, asked.role);
    if (asked.role === 'writer') settings.set(known, value);
    else if (known !== 'readonly') settings.set(known, capped(value, limit[known]));
  }
  settings.set('log_comment', `${mark} ${settings.get('log_comment') ?? ''}`.trim());
  const before = [...settings].map(([name, value]) => `${name} = ${quote(value)}`);
  for (const name of parameters(sql).keys()) {
    const value = asked.parameters.get(name);
    if (value === undefined)
      throw new EngineError(
        456,
        'UNKNOWN_QUERY_PARAMETER',
        `Substitution \`${name}\` is not set: send param_${name}`
      );
    before.push(`param_${name} = ${quote(value)}`);
  }
  const after = [...settings.keys()]
    .filter((name) => limit[name] === undefined && name !== 'log_comment')
    .map((name) => `${name} = ${initial.has(name) ? quote(initial.get(name) ?? '') : 'DEFAULT'}`);
  return { before: `SET ${before.join(', ')}`, after: `SET ${["log_comment = ''", ...after].join(', ')}` };
}

function settingName(name: string, role: Role): string {
  if (!/^[a-z][a-z0-9_]*$/.test(name))
    throw new EngineError(115, 'UNKNOWN_SETTING', 'A setting name holds lower-case letters, digits and _');
  if (role === 'reader' && !readerSettings.has(name))
    throw new EngineError(164, 'READONLY', `The reader may not change the setting ${name}`);
  return name;
}

/** 0 means without limit in ClickHouse, so it is capped like any larger number. */
function capped(value: string, limit: number | undefined): string {
  if (limit === undefined) return value;
  const asked = Number(value);
  return String(asked > 0 && asked < limit ? asked : limit);
}
