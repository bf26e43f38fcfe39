import { z } from 'zod';
import { Bytes, Count, Id, Modality, Name, Time, Uid } from './record.ts';

export const transferServices = [
  'C-STORE',
  'C-FIND',
  'C-MOVE',
  'C-GET',
  'C-ECHO',
  'N-EVENT-REPORT',
  'N-GET',
  'N-SET',
  'N-ACTION',
  'N-CREATE',
  'N-DELETE',
  'STOW',
  'QIDO',
  'WADO'
] as const;
export const transferStatuses = ['success', 'warning', 'failure', 'rejected', 'aborted'] as const;

/** One association, request or exchange that moved or looked up images: `POST /v1/transfers`. */
export const TransferRecord = z.strictObject({
  id: Name(128).optional(),
  occurred_at: Time,
  observer: Id.optional(),
  grain: z.enum(['association', 'request', 'reconstructed']).default('association'),
  service: z.enum(transferServices),
  calling_ae: Name(64),
  called_ae: Name(64),
  peer: Name(64).optional(),
  modality: Modality.optional(),
  sop_class: Uid.optional(),
  study: Uid.optional(),
  instances: Count.optional(),
  failures: Count.optional(),
  bytes: Bytes.optional(),
  duration_ms: Count.optional(),
  status: z.enum(transferStatuses),
  status_code: Name(16).optional(),
  reason: Name(64).optional(),
  site: Id.optional()
});
export type TransferRecord = z.infer<typeof TransferRecord>;
