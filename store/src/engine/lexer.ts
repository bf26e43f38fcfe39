/** A piece of SQL that matters to us: a word, a string, a quoted identifier, or one character. */
export interface Token {
  readonly kind: 'word' | 'string' | 'quoted' | 'other';
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** How many brackets are open around it. */
  readonly depth: number;
}

/*
 * ClickHouse's own lexical rules, as far as they can hide a quote or a semicolon: comments (four kinds), strings with
 * backslash and doubled quotes, typographic quotes, here-documents. What it reads as a string must be one here too.
 */
const space = String.raw`\s+|--[^\n]*|//[^\n]*|#[ !][^\n]*|/\*[\s\S]*?\*/`;
const text = String.raw`'(?:[^'\\]|\\[\s\S]|'')*'|‘[^’]*’|\$(\w*)\$[\s\S]*?\$\1\$`;
const name = String.raw`\`(?:[^\`\\]|\\[\s\S]|\`\`)*\`|"(?:[^"\\]|\\[\s\S]|"")*"|“[^”]*”`;
const pattern = new RegExp(
  `${space}|${text}|${name}|[A-Za-z_][A-Za-z0-9_$]*|[0-9][A-Za-z0-9_.]*|[\\s\\S]`,
  'y'
);
const blank = /^(?:\s|--|\/\/|\/\*|#[ !])/;

/** Reads tokens one by one, so that the data behind an INSERT is never read as SQL. Never throws. */
export function* tokens(sql: string): Generator<Token> {
  let depth = 0;
  for (let at = 0; at < sql.length;) {
    pattern.lastIndex = at;
    const found = pattern.exec(sql)?.[0] ?? sql.charAt(at);
    const start = at;
    at += found.length;
    if (found.length > 1 ? blank.test(found) : /\s/.test(found)) continue;
    if (found === ')' || found === ']' || found === '}') depth--;
    yield { kind: kindOf(found), text: found, start, end: at, depth };
    if (found === '(' || found === '[' || found === '{') depth++;
  }
}

function kindOf(found: string): Token['kind'] {
  if (/^[A-Za-z_]/.test(found)) return 'word';
  if (found.length === 1) return 'other';
  if (/^['‘$]/.test(found)) return 'string';
  return /^[`"“]/.test(found) ? 'quoted' : 'other';
}

/** A string literal of ClickHouse SQL. */
export function quote(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** What an identifier names, its quotes and escapes taken off; escapes other than doubled quotes are kept as they are. */
export function unquoted(token: Token): string {
  if (token.kind !== 'quoted') return token.text;
  const mark = token.text.charAt(0);
  return token.text.slice(1, -1).replaceAll(mark + mark, mark);
}
