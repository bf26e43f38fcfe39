/** A piece of SQL that matters to us: a word, a quoted string or identifier, or one character. */
interface Token {
  readonly kind: 'word' | 'string' | 'quoted' | 'other';
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}

const pattern =
  /\s+|--[^\n]*|#![^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\]|\\[\s\S]|'')*'|`(?:[^`\\]|\\[\s\S])*`|"(?:[^"\\]|\\[\s\S])*"|[A-Za-z_][A-Za-z0-9_]*|[\s\S]/y;

/** Lazily, so that the data behind an INSERT is never read as SQL. */
function* tokens(sql: string): Generator<Token> {
  let depth = 0;
  pattern.lastIndex = 0;
  for (let at = 0; at < sql.length;) {
    pattern.lastIndex = at;
    const text = pattern.exec(sql)?.[0] ?? sql[at] ?? '';
    const start = at;
    at += text.length;
    const first = text[0] ?? '';
    if (/\s/.test(first) || text.startsWith('--') || text.startsWith('/*') || text.startsWith('#!')) continue;
    if (text === ')' || text === ']' || text === '}') depth--;
    const kind =
      first === "'"
        ? 'string'
        : first === '`' || first === '"'
          ? 'quoted'
          : /[A-Za-z_]/.test(first)
            ? 'word'
            : 'other';
    yield { kind, text, start, end: at, depth };
    if (text === '(' || text === '[' || text === '{') depth++;
  }
}

/** What kind of statement it is, and where its parts lie. */
export type Statement =
  | {
      readonly kind: 'insert-data';
      readonly head: string;
      readonly settings: string;
      readonly format: string;
      readonly dataAt: number;
    }
  | {
      readonly kind: 'output';
      readonly body: string;
      readonly format: string | undefined;
      readonly settings: string;
    }
  | { readonly kind: 'command'; readonly verb: string };

const outputVerbs = new Set([
  'SELECT',
  'WITH',
  'SHOW',
  'DESCRIBE',
  'DESC',
  'EXPLAIN',
  'EXISTS',
  'CHECK',
  'FROM'
]);

/**
 * Reads one statement as far as the HTTP interface must: an INSERT whose data follows (`INSERT … FORMAT X <data>`),
 * a statement that answers rows (its trailing FORMAT and SETTINGS set apart), or any other command.
 * @param sql the statement; for an INSERT it may be followed by data, of which nothing is read
 */
export function readStatement(sql: string): Statement {
  const iterator = tokens(sql);
  const first = iterator.next();
  if (first.done) return { kind: 'command', verb: '' };
  const verb = first.value.text.toUpperCase();
  if (verb === 'INSERT') return readInsert(sql, iterator);
  if (outputVerbs.has(verb) || verb === '(') return readOutput(sql, [first.value, ...iterator]);
  return { kind: 'command', verb };
}

function readInsert(sql: string, rest: Iterator<Token>): Statement {
  let settingsAt: number | undefined;
  for (let step = rest.next(); !step.done; step = rest.next()) {
    const { text, kind, depth, start } = step.value;
    if (kind !== 'word' || depth !== 0) continue;
    const word = text.toUpperCase();
    if (word === 'SELECT' || word === 'WITH' || word === 'VALUES' || word === 'INFILE')
      return { kind: 'command', verb: 'INSERT' };
    if (word === 'SETTINGS') settingsAt ??= start;
    if (word !== 'FORMAT') continue;
    const name = rest.next();
    if (name.done || name.value.kind !== 'word') break;
    if (name.value.text.toUpperCase() === 'VALUES') return { kind: 'command', verb: 'INSERT' };
    // One line end, or one blank, separates the head from the data: binary data may begin with either.
    let dataAt = name.value.end;
    if (sql[dataAt] === '\r') dataAt++;
    if (sql[dataAt] === '\n' || sql[dataAt] === ' ') dataAt++;
    return {
      kind: 'insert-data',
      head: sql.slice(0, settingsAt ?? start).trim(),
      settings: settingsAt === undefined ? '' : sql.slice(settingsAt + 'SETTINGS'.length, start).trim(),
      format: name.value.text,
      dataAt
    };
  }
  return { kind: 'command', verb: 'INSERT' };
}

function readOutput(sql: string, all: readonly Token[]): Statement {
  const list = all.at(-1)?.text === ';' ? all.slice(0, -1) : all;
  const end = list.at(-1)?.end ?? 0;
  for (let i = list.length - 2; i > 0; i--) {
    const token = list[i];
    const name = list[i + 1];
    if (
      token === undefined ||
      name === undefined ||
      token.depth !== 0 ||
      token.text.toUpperCase() !== 'FORMAT'
    )
      continue;
    const after = list[i + 2];
    const hasSettings = after?.text.toUpperCase() === 'SETTINGS';
    if (name.kind !== 'word' || (after !== undefined && !hasSettings)) continue;
    const settings = hasSettings ? sql.slice(after.end, end).trim() : '';
    return { kind: 'output', body: sql.slice(0, token.start).trim(), format: name.text, settings };
  }
  return { kind: 'output', body: sql.slice(0, end).trim(), format: undefined, settings: '' };
}

/** Names of the `{name:Type}` parameters a statement refers to. */
export function parameterNames(sql: string): string[] {
  const list = [...tokens(sql)];
  const names = new Set<string>();
  list.forEach((token, i) => {
    const name = list[i + 1];
    if (token.text === '{' && name?.kind === 'word' && list[i + 2]?.text === ':') names.add(name.text);
  });
  return [...names];
}

/** Names that stand before an opening bracket: functions and table functions. Lower case. */
export function calledNames(sql: string): Set<string> {
  const names = new Set<string>();
  let previous: Token | undefined;
  for (const token of tokens(sql)) {
    if (
      token.text === '(' &&
      previous !== undefined &&
      (previous.kind === 'word' || previous.kind === 'quoted')
    )
      names.add(previous.text.replaceAll(/[`"]/g, '').toLowerCase());
    previous = token;
  }
  return names;
}

/** Names that stand before an equals sign, where settings stand among others. Lower case. */
export function assignedNames(sql: string): Set<string> {
  const names = new Set<string>();
  let previous: Token | undefined;
  for (const token of tokens(sql)) {
    if (
      token.text === '=' &&
      previous !== undefined &&
      (previous.kind === 'word' || previous.kind === 'quoted')
    )
      names.add(previous.text.replaceAll(/[`"]/g, '').toLowerCase());
    previous = token;
  }
  return names;
}

/** Whether more follows a semicolon: a second statement. */
export function isSeveral(sql: string): boolean {
  let ended = false;
  for (const { text } of tokens(sql)) {
    if (ended && text !== ';') return true;
    if (text === ';') ended = true;
  }
  return false;
}

/** Every bare word of a statement, upper case. */
export function words(sql: string): Set<string> {
  const found = new Set<string>();
  for (const token of tokens(sql)) if (token.kind === 'word') found.add(token.text.toUpperCase());
  return found;
}

/** A string literal of ClickHouse SQL. */
export function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
