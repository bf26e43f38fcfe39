import { z } from 'zod';

/** A part of a report: one panel of a board, written out for its reader. */
const Section = z.object({
  id: z.string(),
  title: z.string(),
  note: z.string().optional(),
  sentence: z.string().optional(),
  /** What its figures are of, in words: dates of its window. */
  period: z.string(),
  columns: z.array(z.object({ label: z.string(), numeric: z.boolean(), definition: z.string().optional() })),
  rows: z.array(z.array(z.string())),
  /** Set when small numbers are withheld. */
  withheld: z.string().optional(),
  /** Formula, source and exclusions. */
  definition: z.string(),
  /** Path of the console where the same figures, and the rows behind them, are looked at. */
  path: z.string(),
  /** What an empty result means, or that it could not be computed. */
  empty: z.string(),
  /** Set when it could not be computed. */
  failed: z.literal(true).optional()
});
export type Section = z.infer<typeof Section>;

/** The monthly report of one site, or of the group, in one language; small numbers are withheld in it as from directors. */
export const Report = z.object({
  version: z.literal(1),
  /** `2026-10` */
  month: z.string(),
  /** A site id, or `group`. */
  subject: z.string(),
  language: z.enum(['fr', 'en']),
  organisation: z.string(),
  title: z.string(),
  madeAt: z.iso.datetime(),
  /** False while the month is running. */
  finished: z.boolean(),
  /** Its figures are those of a demonstration. */
  simulated: z.boolean(),
  sections: z.array(Section)
});
export type Report = z.infer<typeof Report>;

/** Titles of the parts that could not be computed. A report with any is shown, and never kept. */
export const failedParts = ({ sections }: Pick<Report, 'sections'>): string[] =>
  sections.filter(({ failed }) => failed).map(({ title }) => title);

export const group = 'group';
