import { z } from 'zod';
import { Id, Label } from '@vigie/schemas';
import { SystemKind } from '@vigie/schemas/config/organisation';
import { Role } from '@vigie/schemas/config/governance';
import { Column } from './column.ts';
import { parseSentence } from './sentence.ts';
import { sqlComplaints } from './sql.ts';

/** The window a panel reads, all in the organisation's time zone; `period` is the one chosen at the top of the page, `period-31` its last 31 days. */
export const Window = z.enum([
  'period',
  'period-31',
  'period-92',
  'hours-24',
  'days-30',
  'days-90',
  'month',
  'months-2',
  'months-13',
  'year'
]);
export type Window = z.infer<typeof Window>;

/** One sentence, or one of several by the value of a column of the first row. */
const Sentence = z.union([Label, z.strictObject({ by: z.string(), cases: z.record(z.string(), Label) })]);
export type Sentence = z.infer<typeof Sentence>;

/**
 * Small groups that a role may not see: values of `columns` below `below` are withheld, and others with them where a total, a row or a
 * column of the picture would tell them by subtraction.
 */
const Suppress = z.strictObject({
  columns: z.array(z.string()).min(1),
  below: z.int().min(2),
  /** Withhold on the value of this column instead of the columns' own. */
  on: z.string().optional(),
  /** Columns that tell the same number another way: withheld wherever one of `columns` is. */
  with: z.array(z.string()).default([]),
  /** One or two columns whose values the sums go by; the axes of the picture when left out. */
  by: z.array(z.string()).min(1).max(2).optional(),
  roles: z.array(Role).min(1)
});

/** The base rows behind a panel, for those who may see them. */
const Rows = z.strictObject({
  roles: z.array(Role).min(1),
  /** What narrows the rows: columns of the panel by name. Bound as text, '*' for all and for what the panel lacks. */
  by: z.array(z.string()).default([]),
  sql: z.string(),
  columns: z.array(Column).min(1)
});
export type Rows = z.infer<typeof Rows>;

const Shape = z.strictObject({
  id: Id,
  title: Label,
  /** Why it is shown or how to read it, in a few words beside the title. */
  note: Label.optional(),
  kind: z.enum(['figure', 'line', 'bar', 'stacked', 'heat', 'matrix', 'strip', 'flow', 'table']),
  width: z.enum(['full', 'half']).default('full'),
  window: Window.default('period'),
  /** Time is cut at midnights: the window is widened to whole days. */
  whole_days: z.boolean().default(false),
  /** Its dates are shown when they are not the page's own. */
  dated: z.boolean().default(true),
  /** What all sites share: the choice of sites does not apply, and the page says so. */
  shared: z.boolean().default(false),
  /** Left out for everyone who sees the board. */
  roles: z.array(Role).min(1).optional(),
  /** Kinds of system it is about, on a page about one system; left out for all of them. */
  kinds: z.array(SystemKind).min(1).optional(),
  /** Columns that play a part in the picture. line, stacked: x, series, value · bar: x, value · heat: x, y, value · matrix: y (rows), x (columns), value · strip: y, x (start), end, value (a word) · flow: x (from) and y (to), of type node; value (its width), mark (a word: its health). */
  x: z.string().optional(),
  y: z.string().optional(),
  series: z.string().optional(),
  value: z.string().optional(),
  end: z.string().optional(),
  /** For `matrix`: a column whose value, above zero, is flagged in the cell; for `flow`: the word that is its health. */
  mark: z.string().optional(),
  /** For `figure`: each number, with the column that tells its change on the period before. */
  figures: z
    .array(
      z.strictObject({
        value: z.string(),
        change: z.string().optional(),
        better: z.enum(['more', 'less']).optional()
      })
    )
    .optional(),
  sql: z.string(),
  columns: z.array(Column).min(1),
  /** Formula, source, exclusions. */
  definition: Label,
  sentence: Sentence.optional(),
  /** What an empty result means, and what to do. */
  empty: Label,
  suppress: z.array(Suppress).default([]),
  rows: Rows.optional()
});

const parts: Readonly<
  Record<
    z.infer<typeof Shape>['kind'],
    readonly ('x' | 'y' | 'series' | 'value' | 'end' | 'mark' | 'figures')[]
  >
> = {
  figure: ['figures'],
  line: ['x', 'series', 'value'],
  stacked: ['x', 'series', 'value'],
  bar: ['x', 'value'],
  heat: ['x', 'y', 'value'],
  matrix: ['x', 'y', 'value'],
  strip: ['x', 'end', 'y', 'value'],
  flow: ['x', 'y', 'value', 'mark'],
  table: []
};

/** One picture or table of a board, with the question it puts to the store. */
export const Panel = Shape.superRefine((panel, context) => {
  const complain = (message: string, ...path: (string | number)[]) =>
    context.addIssue({ code: 'custom', path, message });
  const names = new Set(panel.columns.map((column) => column.name));
  const must = (name: string | undefined, ...path: (string | number)[]) => {
    if (name !== undefined && !names.has(name))
      complain(
        `names the column "${name}", which is not declared (declared: ${[...names].join(', ')})`,
        ...path
      );
  };
  for (const part of parts[panel.kind])
    if (panel[part] === undefined)
      complain(`needs "${part}": a panel of kind "${panel.kind}" is drawn from it`);
  for (const part of ['x', 'y', 'series', 'value', 'end', 'mark'] as const) must(panel[part], part);
  panel.figures?.forEach((figure, i) => {
    must(figure.value, 'figures', i, 'value');
    must(figure.change, 'figures', i, 'change');
  });
  panel.suppress.forEach((rule, i) => {
    rule.columns.forEach((name, j) => must(name, 'suppress', i, 'columns', j));
    must(rule.on, 'suppress', i, 'on');
    rule.with.forEach((name, j) => must(name, 'suppress', i, 'with', j));
    rule.by?.forEach((name, j) => must(name, 'suppress', i, 'by', j));
  });
  panel.columns.forEach(({ rows = {} }, i) => {
    for (const name of Object.keys(rows))
      if (panel.rows?.by.includes(name) !== true)
        complain(
          `narrows the rows behind by "${name}", which rows.by does not name`,
          'columns',
          i,
          'rows',
          name
        );
  });
  if (names.size !== panel.columns.length) complain('declares a column twice', 'columns');
  sqlComplaints(panel.sql, { shared: panel.shared }).forEach((message) => complain(message, 'sql'));
  if (panel.rows !== undefined) {
    sqlComplaints(panel.rows.sql, { shared: panel.shared, extra: panel.rows.by }).forEach((message) =>
      complain(message, 'rows', 'sql')
    );
  }
  if (panel.sentence !== undefined) checkSentence(panel.sentence, names, complain);
});
export type Panel = z.infer<typeof Panel>;

function checkSentence(
  sentence: Sentence,
  names: ReadonlySet<string>,
  complain: (message: string, ...path: string[]) => void
): void {
  const texts: (readonly [string, ...string[]])[] = [];
  if ('by' in sentence) {
    if (!names.has(sentence.by))
      complain(`names the column "${sentence.by}", which is not declared`, 'sentence', 'by');
    for (const [value, label] of Object.entries(sentence.cases))
      texts.push([label.fr, 'cases', value, 'fr'], [label.en, 'cases', value, 'en']);
  } else texts.push([sentence.fr, 'fr'], [sentence.en, 'en']);
  for (const [text, ...path] of texts) {
    try {
      for (const piece of parseSentence(text))
        if (typeof piece !== 'string')
          for (const name of [piece.column, piece.by])
            if (name !== undefined && !names.has(name))
              complain(`names the column "${name}", which is not declared`, 'sentence', ...path);
    } catch (error) {
      complain(error instanceof Error ? error.message : String(error), 'sentence', ...path);
    }
  }
}
