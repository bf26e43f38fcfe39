import { z } from 'zod';
import { Bytes, Count, Id, Modality, Name, Time, Uid } from './record.ts';

/** Why an answer is not whole: a closed list. */
export const censusGaps = [
  'truncated',
  'too-many',
  'refused',
  'rejected',
  'aborted',
  'timeout',
  'unreachable',
  'status',
  'not-readable',
  'configuration',
  'other'
] as const;
export type CensusGap = (typeof censusGaps)[number];

const Place = {
  site: Id.optional(),
  /** Institution Name (0008,0080), found among the aliases of the sites where no site is told. */
  institution: z.string().max(64).optional(),
  modality: Modality.optional()
};

/** Studies of one site and modality. */
const Counted = z.strictObject({
  ...Place,
  studies: Count,
  instances: Bytes.optional(),
  bytes: Bytes.optional(),
  /** XOR of the first eight bytes of the SHA-256 of each Study Instance UID, hexadecimal. */
  digest: z
    .string()
    .regex(/^[0-9a-f]{16}$/, 'must be 16 hexadecimal digits')
    .optional()
});

const Study = z.strictObject({
  ...Place,
  study: Uid,
  accession: z.string().max(64).optional(),
  instances: Count.optional(),
  bytes: Bytes.optional(),
  /** `gone`: it was there, and is not in two whole answers in a row. */
  state: z.enum(['seen', 'gone']).default('seen')
});

/**
 * What an archive answers for the studies of one day: `POST /v1/census`, and the census pulls. `total` is the whole answer,
 * `counts` what changed of it by site and modality (0 for what is no more), `studies` those that are new, changed or gone.
 */
export const CensusRecord = z.strictObject({
  id: Name(128).optional(),
  /** When the archive was asked. */
  occurred_at: Time,
  system: Id,
  /** Study Date (0008,0020). */
  study_date: z.iso.date({ error: 'must be a date such as "2026-11-24"' }),
  /** False when the archive gave a part only: nothing is taken for deleted then. */
  complete: z.boolean().default(true),
  reason: z.enum(censusGaps).optional(),
  total: z.strictObject({ studies: Count, instances: Bytes.optional(), bytes: Bytes.optional() }).optional(),
  counts: z.array(Counted).max(5000).default([]),
  studies: z.array(Study).max(5000).default([])
});
export type CensusRecord = z.infer<typeof CensusRecord>;
