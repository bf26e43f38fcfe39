import { z } from 'zod';
import { readIsoTime } from '../time.ts';

/** Participants, objects and codes of one event, as the XML path bounds them. */
const many = 10_000;
const text = z.string().max(1_000_000, 'must be at most 1,000,000 characters long');
const list = <S extends z.ZodType>(item: S) => z.array(item).max(many, `must hold at most ${many}`);

const Coding = z.object({ system: text.optional(), code: text.optional(), display: text.optional() });
export type Coding = z.infer<typeof Coding>;
const CodeableConcept = z.object({ coding: list(Coding).optional(), text: text.optional() });
export type CodeableConcept = z.infer<typeof CodeableConcept>;
const Identifier = z.object({
  type: CodeableConcept.optional(),
  system: text.optional(),
  value: text.optional()
});
export type Identifier = z.infer<typeof Identifier>;
const Reference = z.object({
  reference: text.optional(),
  type: text.optional(),
  identifier: Identifier.optional(),
  display: text.optional()
});
export type Reference = z.infer<typeof Reference>;

/** Extensions hold any value: only those of the mapping are looked into. */
export interface Extension {
  readonly url?: unknown;
  readonly extension?: unknown;
  readonly [value: string]: unknown;
}
const Extensions = list(z.record(z.string(), z.unknown()));

const code = (allowed: readonly string[]) =>
  z.enum(allowed, {
    error: (issue) => (issue.input === undefined ? undefined : `must be one of ${allowed.join(', ')}`)
  });
/** FHIR dateTime: a year, a month, a day, or a time with zone. */
const dateTime = z
  .string()
  .refine(
    (told) => /^\d{4}(?:-\d{2}(?:-\d{2})?)?$/.test(told) || readIsoTime(told) !== null,
    'must be a time such as "2026-11-24T08:05:00+01:00"'
  );

const Agent = z.object({
  extension: Extensions.optional(),
  type: CodeableConcept.optional(),
  role: list(CodeableConcept).optional(),
  who: Reference.optional(),
  altId: text.optional(),
  name: text.optional(),
  requestor: z.boolean(),
  network: z
    .object({ address: text.optional(), type: code(['1', '2', '3', '4', '5']).optional() })
    .optional(),
  purposeOfUse: list(CodeableConcept).optional()
});
export type Agent = z.infer<typeof Agent>;

const Entity = z.object({
  extension: Extensions.optional(),
  what: Reference.optional(),
  type: Coding.optional(),
  role: Coding.optional(),
  lifecycle: Coding.optional(),
  name: text.optional(),
  description: text.optional(),
  query: text.optional(),
  detail: list(
    z.object({ type: text, valueString: text.optional(), valueBase64Binary: text.optional() })
  ).optional()
});
export type Entity = z.infer<typeof Entity>;

/**
 * FHIR R4 AuditEvent, as far as facts are made of it: what R4 requires is required, what else stands there is left to the
 * raw message. BALP and the French TDE profile narrow it, and need nothing more.
 */
export const AuditEvent = z.object({
  resourceType: z.literal('AuditEvent'),
  meta: z.object({ profile: list(text).optional() }).optional(),
  contained: z.array(z.record(z.string(), z.unknown())).max(1000, 'must hold at most 1000').optional(),
  type: Coding.extend({
    code: text.refine((told) => told.trim() !== '', 'must not be blank')
  }),
  subtype: list(Coding).optional(),
  action: code(['C', 'R', 'U', 'D', 'E']).optional(),
  period: z.object({ start: dateTime.optional(), end: dateTime.optional() }).optional(),
  recorded: z
    .string()
    .refine((told) => readIsoTime(told) !== null, 'must be an instant such as "2026-11-24T08:05:00+01:00"'),
  outcome: code(['0', '4', '8', '12']).optional(),
  purposeOfEvent: list(CodeableConcept).optional(),
  agent: list(Agent).min(1, 'must name at least one agent'),
  source: z.object({ site: text.optional(), observer: Reference }),
  entity: list(Entity).optional()
});
export type AuditEvent = z.infer<typeof AuditEvent>;
