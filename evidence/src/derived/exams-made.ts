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
export function examsMade({ target, select }: Derived): ExamsMade {
  const [before = '', inserted = ''] = select.split(' AS pass, * FROM ops.exam_named UNION ALL SELECT ');
  const stored =
    /^arrayJoin\(.+?\) AS pass, \* FROM (\S+) WHERE accession IN \(SELECT accession FROM ops\.exam_named\)/s.exec(
      inserted
    );
  if (!stored) throw new Error(`the view that fills ${target} makes exams in no known way`);
  const [all, told = ''] = stored;
  const rest = inserted.slice(all.length);
  return {
    told,
    of: (condition) => `${before} AS pass, * FROM ${told} WHERE ${condition}${rest}`
  };
}
