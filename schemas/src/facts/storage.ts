import { z } from 'zod';
import { Bytes, Count, Id, Modality, Name, Time, Uid } from './record.ts';

export const tiers = ['online', 'nearline', 'archive'] as const;

/** State of one storage pool at a time: `POST /v1/storage`. Bytes; a TB is decimal. */
export const StorageRecord = z.strictObject({
  id: Name(128).optional(),
  occurred_at: Time,
  system: Id,
  pool: Name(64),
  tier: z.enum(tiers),
  capacity_bytes: Bytes.optional(),
  used_bytes: Bytes,
  studies: Count.optional(),
  instances: Bytes.optional()
});
export type StorageRecord = z.infer<typeof StorageRecord>;

/** Signed change of one study's volume in one system: `POST /v1/volumes`. */
export const VolumeRecord = z.strictObject({
  id: Name(128).optional(),
  occurred_at: Time,
  system: Id,
  pool: Name(64).default('default'),
  tier: z.enum(tiers),
  site: Id.optional(),
  study: Uid.optional(),
  modality: Modality.optional(),
  bytes: z.int(),
  instances: z.int().min(-2_147_483_648).max(2_147_483_647).default(0),
  reason: z.enum(['stored', 'deleted', 'correction', 'census']).default('stored')
});
export type VolumeRecord = z.infer<typeof VolumeRecord>;
