import { z } from 'zod';
import { Id, Name, Time } from './record.ts';

/** What the watch (or the simulator) can say. Closed: the console has a sentence for each in both languages. */
export const signalCodes = [
  'simulation',
  'source-silent',
  'source-unusual',
  'service-down',
  'objective-at-risk',
  'objective-missed',
  'storage-filling',
  'quarantine-rising',
  'modality-silent',
  'evidence-altered',
  'evidence-unverified',
  'head-unpublished',
  'purge-failed'
] as const;
export type SignalCode = (typeof signalCodes)[number];

/** A state that needs a look, opened or closed: `POST /v1/own`, application/json. No patient, no person. */
export const Signal = z.strictObject({
  occurred_at: Time,
  code: z.enum(signalCodes),
  severity: z.enum(['info', 'warning', 'critical']),
  state: z.enum(['opened', 'closed']),
  /** What it is about: a system, source, objective or pool id. */
  subject: Name(128),
  site: Id.optional(),
  /** Figures of the sentence, by name; numbers and ids only. */
  params: z.record(z.string().max(64), z.union([z.number(), z.string().max(256)])).default({})
});
export type Signal = z.infer<typeof Signal>;
