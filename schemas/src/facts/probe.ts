import { z } from 'zod';
import { Count, Id, Name, Time } from './record.ts';

/** Closed list of why a check failed; `ok` when it did not. */
export const probeDetails = [
  'ok',
  'timeout',
  'refused',
  'unreachable',
  'tls',
  'rejected',
  'aborted',
  'bad-status',
  'error'
] as const;

/** One synthetic check made by another monitor: `POST /v1/probes`. */
export const ProbeRecord = z.strictObject({
  id: Name(128).optional(),
  occurred_at: Time,
  probe: Id,
  system: Id,
  kind: z.enum(['c-echo', 'http', 'other']).default('other'),
  success: z.boolean(),
  latency_ms: Count.optional(),
  detail: z.enum(probeDetails).optional()
});
export type ProbeRecord = z.infer<typeof ProbeRecord>;
