import { z } from 'zod';

const Pseudonym = z.string().regex(/^[0-9a-f]{32}$/, 'must be a pseudonym: 32 hexadecimal digits');

/** What a hold is about: events that fit every one of these. Pseudonyms only, so that the hold itself tells nobody's name. */
export const Selection = z
  .strictObject({
    events: z
      .array(
        z
          .string()
          .regex(
            /^[a-z0-9]{1,16}-(audit|ops|own)-\d{1,16}-\d{1,5}$/,
            'must be an event id such as c1-audit-42-0'
          )
      )
      .max(10_000)
      .optional(),
    patient: Pseudonym.optional(),
    actor: z.string().min(1).max(128).optional(),
    study: z
      .string()
      .regex(/^[0-9.]{1,64}$/, 'must be a Study Instance UID')
      .optional(),
    from: z.iso.date('must be a day such as 2026-11-24').optional(),
    to: z.iso.date('must be a day such as 2026-11-24').optional()
  })
  .refine(
    ({ events, patient, actor, study }) => (events ?? patient ?? actor ?? study) !== undefined,
    'names neither events, a patient, an actor nor a study'
  );
export type Selection = z.infer<typeof Selection>;

/** SQL over audit.event, and its parameters. */
export interface Condition {
  readonly sql: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Events that fit any of the selections. Days are UTC, both included, by the time of the act. */
export function conditionOf(...selections: readonly Selection[]): Condition {
  const all = selections.map(one);
  return {
    sql: all.length === 0 ? '0' : `(${all.map(({ sql }) => sql).join(' OR ')})`,
    params: Object.assign({}, ...all.map(({ params }) => params)) as Condition['params']
  };
}

function one({ events, patient, actor, study, from, to }: Selection, index: number): Condition {
  const name = (field: string) => `${field}${index}`;
  const bound = (field: string, type: string) => `{${name(field)}:${type}}`;
  const parts = [
    events &&
      `concat(collector, '-', lane, '-', toString(seq), '-', toString(sub)) IN ${bound('events', 'Array(String)')}`,
    events && `seq IN ${bound('seqs', 'Array(UInt64)')}`,
    patient && `has(patients, toFixedString(unhex(${bound('patient', 'String')}), 16))`,
    actor && `actor_id = ${bound('actor', 'String')}`,
    study && `has(studies, ${bound('study', 'String')})`,
    from && `occurred_at >= toDateTime64(${bound('from', 'String')}, 3, 'UTC')`,
    to && `occurred_at < toDateTime64(${bound('to', 'String')}, 3, 'UTC') + INTERVAL 1 DAY`
  ].filter((part) => part !== undefined);
  const seqs = events?.map((id) => Number(id.split('-')[2]));
  const params = Object.entries({ events, seqs, patient, actor, study, from, to }).map(
    ([field, value]) => [name(field), value] as const
  );
  return { sql: `(${parts.join(' AND ')})`, params: Object.fromEntries(params) };
}
