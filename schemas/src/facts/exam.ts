import { z } from 'zod';
import { Id, Modality, Name, Time, Uid } from './record.ts';

/** Milestones of one exam, in their usual order (IHE RAD SWF, reporting workflow). */
export const milestones = [
  'ordered',
  'scheduled',
  'arrived',
  'started',
  'ended',
  'available',
  'opened',
  'drafted',
  'signed',
  'distributed',
  'cancelled'
] as const;
export type Milestone = (typeof milestones)[number];

export const priorities = ['stat', 'urgent', 'routine'] as const;
/** HL7 table 0004, in words. */
export const patientClasses = ['emergency', 'inpatient', 'outpatient', 'other'] as const;

/** One milestone of one exam: `POST /v1/exams`. */
export const ExamRecord = z.strictObject({
  id: Name(128).optional(),
  occurred_at: Time,
  milestone: z.enum(milestones),
  accession: Name(64),
  study: Uid.optional(),
  site: Id.optional(),
  room: Name(64).optional(),
  modality: Modality.optional(),
  procedure_code: Name(64).optional(),
  priority: z.enum(priorities).optional(),
  patient_class: z.enum(patientClasses).optional(),
  patient_id: Name(256).optional(),
  actor: Name(128).optional(),
  actor_role: Name(64).optional(),
  actor_site: Id.optional()
});
export type ExamRecord = z.infer<typeof ExamRecord>;
