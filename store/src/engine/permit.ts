import { EngineError } from './error.ts';
import { tokens, unquoted } from './lexer.ts';
import type { Role } from './request.ts';
import { parameters, type Statement } from './statement.ts';

/** System tables a reader may see; others tell of queries, users and threads. The engine itself hides tables of others. */
const openSystemTables = new Set([
  'one', 'numbers', 'numbers_mt', 'zeros', 'zeros_mt', 'databases', 'tables', 'columns', 'parts', 'parts_columns', 'settings', 'functions',
  'table_functions', 'formats', 'data_type_families', 'time_zones', 'build_options', 'disks', 'data_skipping_indices', 'table_engines'
]); // prettier-ignore

/** Functions that read files without asking for a grant. */
const closedFunctions = new Set([
  'file',
  'catboostevaluate',
  'catboost_evaluate',
  'executable',
  'executablepool'
]);

/**
 * Refuses what the engine would do and a ClickHouse server behind HTTP would not, or what its grants do not cover.
 * Grants, read-only mode and caps of the reader are kept by the engine itself.
 * @throws {EngineError} 48, 62, 164 or 497
 */
export function permit(role: Role, method: string, statement: Statement, sql: string): void {
  if (statement.kind === 'several')
    throw new EngineError(62, 'SYNTAX_ERROR', 'Multi-statements are not allowed');
  if (statement.kind === 'command') permitCommand(statement.verb);
  if (method === 'GET' && statement.kind !== 'output')
    throw new EngineError(
      164,
      'READONLY',
      'Cannot execute query in readonly mode: over HTTP, method GET implies readonly. Use POST to change data'
    );
  if (role === 'reader' && statement.kind !== 'output')
    throw new EngineError(
      497,
      'ACCESS_DENIED',
      'The reader may only ask: SELECT, SHOW, DESCRIBE, EXPLAIN, EXISTS'
    );
  // Of an INSERT whose data follows, nothing but the head is SQL.
  permitWords(role, statement.kind === 'insert' || statement.kind === 'values' ? statement.head : sql);
}

function permitCommand(verb: string): void {
  if (verb === 'SET' || verb === 'USE' || verb === 'EXECUTE')
    throw new EngineError(
      48,
      'NOT_IMPLEMENTED',
      `${verb} would end with the query: the engine keeps no sessions. Send settings and database with each query`
    );
  if (verb === '') throw new EngineError(62, 'SYNTAX_ERROR', 'Empty query');
}

function permitWords(role: Role, sql: string): void {
  const list = [...tokens(sql)];
  list.forEach((token, i) => {
    const [previous, next, after] = [list[i - 1], list[i + 1], list[i + 2]];
    if (token.kind !== 'word' && token.kind !== 'quoted') return;
    const name = unquoted(token).toLowerCase();
    if (name === 'outfile' && previous?.text.toUpperCase() === 'INTO')
      throw new EngineError(497, 'ACCESS_DENIED', 'INTO OUTFILE is not served over HTTP');
    if (name === 'infile' && previous?.text.toUpperCase() === 'FROM')
      throw new EngineError(
        497,
        'ACCESS_DENIED',
        'FROM INFILE is not served over HTTP: send the data in the body'
      );
    if (name === 'temporary' && previous?.text.toUpperCase() === 'CREATE')
      throw new EngineError(
        48,
        'NOT_IMPLEMENTED',
        'A temporary table would end with the query: the engine keeps no sessions'
      );
    if ((name === 'shutdown' || name === 'kill') && previous?.text.toUpperCase() === 'SYSTEM')
      throw new EngineError(497, 'ACCESS_DENIED', 'The engine is stopped by its supervisor, not by a query');
    if (role === 'writer') return;
    if (token.kind === 'quoted' && name.includes('\\'))
      throw new EngineError(497, 'ACCESS_DENIED', 'The reader may not write escapes in names');
    const asName = ['.', 'AS', 'SHOW', 'CHANGED'].includes(previous?.text.toUpperCase() ?? '');
    if (token.kind === 'word' && name === 'settings' && !asName && /^(?:word|quoted)$/.test(next?.kind ?? ''))
      throw new EngineError(
        164,
        'READONLY',
        'The reader sends settings with the request, where they are capped'
      );
    if (closedFunctions.has(name) && next?.text === '(')
      throw new EngineError(497, 'ACCESS_DENIED', `The reader may not call ${name}()`);
    if (name === 'processlist')
      throw new EngineError(497, 'ACCESS_DENIED', 'The reader may not see queries of others');
    if (
      name === 'system' &&
      next?.text === '.' &&
      after &&
      !openSystemTables.has(unquoted(after).toLowerCase())
    )
      throw new EngineError(497, 'ACCESS_DENIED', `The reader may not see system.${unquoted(after)}`);
  });
  if (role === 'reader')
    for (const [name, type] of parameters(sql))
      if (type === 'Identifier')
        throw new EngineError(
          497,
          'ACCESS_DENIED',
          `The reader may not name tables by parameter: {${name}:Identifier}`
        );
}
