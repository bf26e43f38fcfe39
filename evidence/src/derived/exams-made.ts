import type { Derived } from './views.ts';

/** Exams made again from their messages, of a view that makes whole exams. */
export interface ExamsMade {
  /** The table of messages by accession that the view reads beside what is inserted: `database.table`. */
  readonly told: string;
  /** SELECT that makes the exams of which a condition on `accession` holds, from the messages that lie there. */
  of(condition: string): string;
}

/**
 * How the exams of a view are made outside an insert: from the messages where they lie by accession, and from these alone, so that only
 * the messages of the exams asked for are read.
 * @throws for a view of another form
 */
export function examsMade({ target, base, select }: Derived): ExamsMade {
  const inserted = ` FROM ${base} WHERE accession != '' UNION ALL SELECT `;
  const named = ` WHERE accession IN (SELECT accession FROM ${base})`;
  const [before = '', stored = ''] = select.split(inserted);
  const start = before.lastIndexOf('SELECT 1 AS pass,');
  const told = new RegExp(`^arrayJoin\\(.+?\\) AS pass, (.+ FROM (\\S+))${literal(named)}`, 's').exec(stored);
  if (start < 0 || !told) throw new Error(`the view that fills ${target} makes exams in no known way`);
  const [all, messages = '', table = ''] = told;
  const rest = stored.slice(all.length);
  return {
    told: table,
    of: (condition) => `${before.slice(0, start)}SELECT 1 AS pass, ${messages} WHERE ${condition}${rest}`
  };
}

const literal = (text: string) => text.replaceAll(/[^\w ]/g, String.raw`\$&`);
