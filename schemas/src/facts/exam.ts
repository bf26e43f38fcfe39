import { z } from 'zod';
import { Bytes, Count, Id, Modality, Name, Time, Uid } from './record.ts';

/**
 * Milestones of one exam, in their usual order (IHE RAD SWF, reporting workflow), then those that end or leave it: `no-show` an
 * appointment nobody came to; `…-elsewhere` a teleradiology request sent, accepted, refused, taken back (ANS, CI-SIS Téléradiologie).
 */
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
  'cancelled',
  'no-show',
  'requested-elsewhere',
  'accepted-elsewhere',
  'refused-elsewhere',
  'cancelled-elsewhere'
] as const;
export type Milestone = (typeof milestones)[number];

export const priorities = ['stat', 'urgent', 'routine'] as const;
/** HL7 table 0004, in words. */
export const patientClasses = ['emergency', 'inpatient', 'outpatient', 'other'] as const;

/** How far the identity of the patient is known (INS, RNIV; HL7 PID-3 and PID-32). */
export const insStatuses = ['qualified', 'validated', 'recovered', 'provisional'] as const;
export type InsStatus = (typeof insStatuses)[number];
/** What a report is (HL7 tables 0123 and 0085): with `drafted` a draft or preliminary, with `signed` the others. */
export const reportStatuses = ['draft', 'preliminary', 'final', 'addendum', 'corrected'] as const;
export type ReportStatus = (typeof reportStatuses)[number];
/** Who reads for whom: the site itself, its group, then further away. */
export const readerLevels = ['site', 'group', 'department', 'region', 'national'] as const;
export type ReaderLevel = (typeof readerLevels)[number];
/** A code, never a sentence: why an exam was cancelled, refused or missed. */
export const ReasonCode = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/, 'must be a code such as "patient" (letters, digits, _ . -)');

/** One milestone of one exam: `POST /v1/exams`. */
export const ExamRecord = z.strictObject({
  id: Name(128).optional(),
  /** The system that tells it, under a key for any system. */
  system: Id.optional(),
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
  actor_site: Id.optional(),
  /** When the source said so: what it says later corrects what it said before. The reception time when left out. */
  told_at: Time.optional(),
  order_number: Name(64).optional(),
  /** One step of several under an accession (MPPS or scheduled procedure step). */
  step: Name(64).optional(),
  appointment_at: Time.optional(),
  /** Visit number (HL7 CX, PV1-19): becomes a pseudonym. */
  visit: Name(256).optional(),
  /** Billed acts (CCAM). */
  acts: z.int().min(0).max(65_535).optional(),
  ins_status: z.enum(insStatuses).optional(),
  report_status: z.enum(reportStatuses).optional(),
  reader_level: z.enum(readerLevels).optional(),
  /** Who reads or answers when it is none of our sites: a short name or FINESS. */
  organisation: Name(64).optional(),
  reason: ReasonCode.optional(),
  /** Images that the modality announces (MPPS). */
  instances: Count.optional(),
  documents: z.int().min(0).max(65_535).optional(),
  document_bytes: Bytes.optional()
});
export type ExamRecord = z.infer<typeof ExamRecord>;
