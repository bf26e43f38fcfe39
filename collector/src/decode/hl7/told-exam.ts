import type { Milestone, ReportStatus } from '@vigie/schemas/facts/exam';
import type { ToldTime } from '../time.ts';

export interface ToldPatient {
  /** HL7 CX texts; the first one stands for the patient in facts. */
  readonly identifiers: readonly string[];
  readonly name: string;
  readonly birthDate: string;
  readonly sex: string;
  /** PID-32: how sure the identity is (table 0445, with the French codes of Interop'Santé). */
  readonly reliability: readonly string[];
  /** Identifiers that were merged into the first ones (MRG-1). */
  readonly merged: readonly string[];
}

export interface ToldActor {
  readonly id: string;
  readonly name: string;
  readonly role: 'prescriber' | 'performer' | 'reader';
  /** Names of the facility he acts from, the surest first. */
  readonly facilities: readonly string[];
}

/** One milestone of one exam as a message tells it. */
export interface ToldExam {
  readonly milestone: Milestone;
  readonly occurredAt: ToldTime;
  readonly accession: string;
  /** Placer order number (ORC-2). */
  readonly orderNumber: string;
  /** Scheduled procedure step, where an exam has several (IPC-4). */
  readonly step: string;
  readonly study: string;
  readonly room: string;
  readonly modality: string;
  readonly procedureCode: string;
  readonly priority: string;
  readonly patientClass: string;
  readonly actor: ToldActor | null;
  /** Names of the site that makes the exam, the surest first. */
  readonly facilities: readonly string[];
  /** AE title of the modality, when told. */
  readonly station: string;
  readonly appointmentAt: ToldTime | null;
  /** Billed acts (CCAM) named by the message; null when it names none. */
  readonly acts: number | null;
  readonly reportStatus: ReportStatus | '';
  /** A code, or ''. */
  readonly reason: string;
  /** Names of who answers or reads outside the group (ORC-21), the surest first. */
  readonly organisations: readonly string[];
  /** PDFs that come with it; null where the message can hold none. */
  readonly documents: { readonly count: number; readonly bytes: number } | null;
}

/** What an ADT message tells happened to a patient's visit or identity. */
export interface ToldMovement {
  readonly event: string;
  readonly occurredAt: ToldTime;
  readonly patientClass: string;
  /** PV1-3.1 */
  readonly unit: string;
}

export interface ToldHl7 {
  /** Of whom the message is; a merge names several. */
  readonly patients: readonly ToldPatient[];
  readonly exams: readonly ToldExam[];
  /** Of an ADT message; null for others. */
  readonly movement: ToldMovement | null;
  /** Visit number as HL7 CX (PV1-19), or ''. */
  readonly visit: string;
  /** MSH-7; null when it is not told. */
  readonly toldAt: ToldTime | null;
  /** MSH-13 */
  readonly sequence: number | null;
  /** Names of the site the message is about, whether or not it tells a step of an exam. */
  readonly facilities: readonly string[];
  readonly repairs: readonly string[];
}
