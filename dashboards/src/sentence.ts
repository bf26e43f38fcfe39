/** One value a sentence asks of the rows: how to pick it, and the words that agree with it in number. */
export interface Pick {
  readonly how: 'first' | 'last' | 'sum' | 'max' | 'min' | 'top' | 'count';
  readonly column?: string;
  /** For `top`: the column whose largest value chooses the row. */
  readonly by?: string;
  readonly one?: string;
  readonly many?: string;
}

export type Row = Readonly<Record<string, unknown>>;
export type Piece = string | Pick;

const shape =
  /^(?:(count)|(first|last|sum|max|min)\s+(\w+)|(top)\s+(\w+)\s+by\s+(\w+))(?:\|([^|]+)\|([^|]+))?$/;

/**
 * Cuts a sentence into text and picks: `{first site}`, `{last used}`, `{sum exams|examen|examens}`, `{max x}`, `{min x}`,
 * `{top site by exams}`, `{count|ligne|lignes}`.
 * @throws {SyntaxError} quoting what is not understood
 */
export function parseSentence(text: string): Piece[] {
  return text.split(/(\{[^{}]*\})/).flatMap((piece): Piece[] => {
    if (!piece.startsWith('{')) return piece === '' ? [] : [piece];
    const match = shape.exec(piece.slice(1, -1).trim());
    if (match === null) throw new SyntaxError(`does not understand ${piece}`);
    const [, count, how, column, top, topColumn, by, one, many] = match;
    const words = one === undefined || many === undefined ? {} : { one, many };
    if (count !== undefined) return [{ how: 'count', ...words }];
    if (top !== undefined) return [{ how: 'top', column: topColumn ?? '', by: by ?? '', ...words }];
    return [{ how: (how ?? 'first') as Pick['how'], column: column ?? '', ...words }];
  });
}

/** The value of a pick; null when no row tells it. */
export function pickValue(pick: Pick, rows: readonly Row[]): unknown {
  if (pick.how === 'count') return rows.length;
  const column = pick.column ?? '';
  if (pick.how === 'first') return rows[0]?.[column] ?? null;
  if (pick.how === 'last') return rows.at(-1)?.[column] ?? null;
  if (pick.how === 'top') {
    const by = numbers(rows, pick.by ?? '');
    const largest = by.reduce<number | null>(greater, null);
    return largest === null
      ? null
      : (rows.find((row) => number(row[pick.by ?? '']) === largest)?.[column] ?? null);
  }
  const values = numbers(rows, column);
  if (pick.how === 'sum')
    return values.some((value) => value !== null) ? values.reduce<number>((a, b) => a + (b ?? 0), 0) : null;
  if (pick.how === 'max') return values.reduce<number | null>(greater, null);
  return values.reduce<number | null>((a, b) => (a === null || (b !== null && b < a) ? b : a), null);
}

const greater = (a: number | null, b: number | null) => (a === null || (b !== null && b > a) ? b : a);
const number = (value: unknown) => (typeof value === 'number' ? value : null);
const numbers = (rows: readonly Row[], column: string) => rows.map((row) => number(row[column]));

/**
 * The sentence with its values written out.
 * @param format writes one value of a column for the reader; `count` and sums use it too
 * @param rule chooses the word that agrees with a number: Intl.PluralRules of the language
 */
export function tell(
  pieces: readonly Piece[],
  rows: readonly Row[],
  format: (column: string | undefined, value: unknown) => string,
  rule: Intl.PluralRules
): string {
  return pieces
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      const value = pickValue(piece, rows);
      const text = format(piece.column, value);
      if (piece.one === undefined) return text;
      return `${text} ${typeof value === 'number' && rule.select(value) === 'one' ? piece.one : piece.many}`;
    })
    .join('');
}
