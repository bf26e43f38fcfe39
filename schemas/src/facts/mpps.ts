import { z } from 'zod';
import { ReasonCode } from './exam.ts';
import { Count, Id, Modality, Name, Time, Uid } from './record.ts';

/** Performed Procedure Step Status (0040,0252). */
export const stepStatuses = ['IN PROGRESS', 'COMPLETED', 'DISCONTINUED'] as const;

/** One state of a modality performed procedure step (DICOM PS3.4 F.7), as a broker or an archive tells it: `POST /v1/mpps`. */
export const MppsRecord = z
  .strictObject({
    id: Name(128).optional(),
    /** The system that tells it, under a key for any system. */
    system: Id.optional(),
    /** SOP Instance UID of the step. */
    step: Uid,
    status: z.enum(stepStatuses),
    accession: Name(64),
    study: Uid.optional(),
    /** Performed Station AE Title (0040,0241). */
    station_ae: z.string().min(1).max(16).optional(),
    modality: Modality.optional(),
    site: Id.optional(),
    patient_id: Name(256).optional(),
    /** When the state was told; the reception time when left out. */
    told_at: Time.optional(),
    started_at: Time,
    ended_at: Time.optional(),
    /** Images that the step refers to: what should arrive. */
    instances: Count.optional(),
    /** Why it was discontinued (DICOM CID 9300), as a code. */
    reason: ReasonCode.optional()
  })
  .refine((one) => one.status === 'IN PROGRESS' || one.ended_at !== undefined, {
    path: ['ended_at'],
    error: 'is missing: a step that is COMPLETED or DISCONTINUED has ended'
  });
export type MppsRecord = z.infer<typeof MppsRecord>;
