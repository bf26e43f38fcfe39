import { tokens, type Token } from './lexer.ts';

/** What kind of statement it is, and where its parts lie. */
export type Statement =
  /** `INSERT … FORMAT X <data>`: the data begins at `dataAt`. */
  | {
      readonly kind: 'insert';
      readonly head: string;
      readonly settings: string;
      readonly format: string;
      readonly dataAt: number;
    }
  /** `INSERT … VALUES (…)`: small ones are SQL like any other, large ones are data of the format Values. */
  | { readonly kind: 'values'; readonly head: string; readonly dataAt: number }
  /** Answers rows; its trailing FORMAT and what follows it are set apart. */
  | {
      readonly kind: 'output';
      readonly verb: string;
      readonly body: string;
      readonly format: string | undefined;
      readonly settings: string;
    }
  | { readonly kind: 'command'; readonly verb: string }
  | { readonly kind: 'several' };

const outputVerbs = new Set(['SELECT', 'WITH', 'FROM', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'EXISTS', '(']);

/**
 * Reads one statement as far as the HTTP interface must.
 * @param sql the statement; an INSERT may be followed by data, of which nothing is read
 */
export function readStatement(sql: string): Statement {
  const iterator = tokens(sql);
  const first = iterator.next();
  if (first.done) return { kind: 'command', verb: '' };
  const verb = first.value.text.toUpperCase();
  if (verb === 'INSERT') return readInsert(sql, first.value, iterator);
  const all = withoutEnd([first.value, ...iterator]);
  if (all === undefined) return { kind: 'several' };
  return outputVerbs.has(verb) ? readOutput(sql, verb, all) : { kind: 'command', verb };
}

/** The tokens before the final semicolon; undefined when something follows it. */
function withoutEnd(all: readonly Token[]): Token[] | undefined {
  const end = all.findIndex(({ text }) => text === ';');
  if (end < 0) return [...all];
  return all.slice(end).every(({ text }) => text === ';') ? all.slice(0, end) : undefined;
}

function readInsert(sql: string, first: Token, rest: Iterator<Token>): Statement {
  let settingsAt: number | undefined;
  const passed = [first];
  for (let step = rest.next(); !step.done; step = rest.next()) {
    passed.push(step.value);
    const { text, kind, depth, start, end } = step.value;
    if (kind !== 'word' || depth !== 0) continue;
    const word = text.toUpperCase();
    if (word === 'SELECT' || word === 'WITH' || word === 'INFILE' || word === 'FROM') break;
    if (word === 'SETTINGS') settingsAt ??= start;
    if (word === 'VALUES') return { kind: 'values', head: sql.slice(0, start).trim(), dataAt: end };
    if (word !== 'FORMAT') continue;
    const name = rest.next();
    if (name.done || name.value.kind !== 'word') break;
    // One line end, or one blank, separates the head from the data: binary data may begin with either.
    let dataAt = name.value.end;
    if (sql[dataAt] === '\r') dataAt++;
    if (sql[dataAt] === '\n' || sql[dataAt] === ' ') dataAt++;
    return {
      kind: 'insert',
      head: sql.slice(0, settingsAt ?? start).trim(),
      settings: settingsAt === undefined ? '' : sql.slice(settingsAt + 'SETTINGS'.length, start).trim(),
      format: name.value.text,
      dataAt
    };
  }
  const remaining: Token[] = [];
  for (let step = rest.next(); !step.done; step = rest.next()) remaining.push(step.value);
  return withoutEnd([...passed, ...remaining]) === undefined
    ? { kind: 'several' }
    : { kind: 'command', verb: 'INSERT' };
}

function readOutput(sql: string, verb: string, list: readonly Token[]): Statement {
  const end = list.at(-1)?.end ?? 0;
  for (let i = list.length - 2; i > 0; i--) {
    const [token, name, after] = [list[i], list[i + 1], list[i + 2]];
    if (token?.depth !== 0 || token.text.toUpperCase() !== 'FORMAT' || name?.kind !== 'word') continue;
    const hasSettings = after?.text.toUpperCase() === 'SETTINGS';
    if (after !== undefined && !hasSettings) continue;
    const settings = hasSettings ? sql.slice(after.end, end).trim() : '';
    return { kind: 'output', verb, body: sql.slice(0, token.start).trim(), format: name.text, settings };
  }
  return { kind: 'output', verb, body: sql.slice(0, end).trim(), format: undefined, settings: '' };
}

/** Names of the `{name:Type}` parameters a statement refers to, with their types. Those of a view that is made are bound by who asks it. */
export function parameters(sql: string): Map<string, string> {
  const list = [...tokens(sql)];
  const found = new Map<string, string>();
  const [create, or, replace, made] = list.slice(0, 4).map(({ text }) => text.toUpperCase());
  if (create === 'CREATE' && (or === 'VIEW' || (or === 'OR' && replace === 'REPLACE' && made === 'VIEW')))
    return found;
  list.forEach((token, i) => {
    const [name, colon, type] = [list[i + 1], list[i + 2], list[i + 3]];
    if (token.text === '{' && name?.kind === 'word' && colon?.text === ':')
      found.set(name.text, type?.text ?? '');
  });
  return found;
}
