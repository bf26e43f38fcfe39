import { z } from 'zod';
import { Label } from '@vigie/schemas';

/**
 * How a value is read and shown. bytes: decimal units · percent: 0–100 · change: signed percent · duration: ms ·
 * money: EUR · days: a number of days · measure: a unit and a number, `bytes 1200`, of `count`, `bytes`, `ms` or `permille` · time: an instant · bucket: the start of an hour or of a Paris day · day, month: a date · hour: 0–23 · weekday: 1 (Monday) – 7 ·
 * site, system, objective: an id of vigie.yaml · node: a place in the picture of flows · word: one of `words` · json-safe text otherwise.
 */
export const ColumnType = z.enum([
  'text',
  'count',
  'number',
  'bytes',
  'percent',
  'change',
  'duration',
  'money',
  'days',
  'measure',
  'time',
  'bucket',
  'day',
  'month',
  'hour',
  'weekday',
  'site',
  'system',
  'objective',
  'node',
  'modality',
  'word'
]);
export type ColumnType = z.infer<typeof ColumnType>;

export const Word = z.strictObject({
  ...Label.shape,
  tone: z.enum(['good', 'warn', 'bad', 'muted']).optional()
});
export type Word = z.infer<typeof Word>;

const Name = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, 'must be lower-case letters, digits and "_", such as "exams_before"');

export const Column = z
  .strictObject({
    name: Name,
    type: ColumnType,
    label: Label,
    /** Formula, source and exclusions, when they differ from those of the panel. */
    definition: Label.optional(),
    /** Digits after the decimal mark. */
    digits: z.int().min(0).max(4).optional(),
    /** A closed vocabulary, with the words shown for each value. */
    words: z.record(z.string(), Word).optional(),
    /** Shown as a bar of 0–100 %; warn and bad are where it changes colour. */
    meter: z.strictObject({ warn: z.number().optional(), bad: z.number().optional() }).optional(),
    /** Needed by sentences or links, not shown. */
    hidden: z.boolean().default(false),
    /** The number opens the rows behind it: values of what the panel's `rows.by` names, besides those of the row. */
    rows: z.record(z.string(), z.string()).optional(),
    /** Column name in exports, such as one of FOCUS. */
    export: z
      .string()
      .regex(/^[A-Za-z_]\w{0,60}$/)
      .optional()
  })
  .refine((column) => column.type !== 'word' || column.words !== undefined, {
    error: 'needs words: the vocabulary of a column of type "word"'
  });
export type Column = z.infer<typeof Column>;
