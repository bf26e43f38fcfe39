import { z } from 'zod';
import { Count, Id, Modality, Name, Time } from './record.ts';

/** What is counted as a use. A closed list: boards and pages have a word for each. */
export const usageKinds = [
  /** A patient, or who a patient let in, opened images or a report on the portal. */
  'portal-access',
  /** A result of an algorithm: a DICOM SR, SEG or secondary capture, or a call of its service. */
  'ai-result',
  /** A study that an algorithm worked on, whatever came of it. */
  'ai-inference',
  /** A document or image set shown through a DRIMbox (DRIM-M, role consumer). */
  'drimbox-consultation',
  /** An image set given out by a DRIMbox to another site (DRIM-M, role source). */
  'drimbox-source',
  /** A call counted by the ModelStat file of DRIM-M, whatever it was for. */
  'drimbox-call',
  /** Something a network sensor counted of its capture, seen or not seen; `label` says what. */
  'sensor-count',
  'other'
] as const;

/** Uses of a system, counted: `POST /v1/usage`. No person and no patient; `label` names a product or a function. */
export const UsageRecord = z.strictObject({
  id: Name(128).optional(),
  /** When it happened; of a count over a time, when that time began. */
  occurred_at: Time,
  /** The key's own system when left out. */
  system: Id.optional(),
  kind: z.enum(usageKinds),
  /** What was used, by its product or function: "mammo-triage". */
  label: Id.optional(),
  outcome: z.enum(['success', 'failure']).optional(),
  site: Id.optional(),
  modality: Modality.optional(),
  count: z.int({ error: 'must be a whole number' }).min(0).default(1),
  /** Length of the time the count is over, in seconds; left out for single uses. */
  period_seconds: Count.optional(),
  /** How long the uses took together, in milliseconds. */
  duration_ms: Count.optional()
});
export type UsageRecord = z.infer<typeof UsageRecord>;
