import type { Milestone } from '@vigie/schemas/facts/exam';
import type { ToldTime } from '../time.ts';

export interface ToldPatient {
  readonly identifiers: readonly string[];
  readonly name: string;
  readonly birthDate: string;
  readonly sex: string;
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
}

export interface ToldHl7 {
  readonly patient: ToldPatient | null;
  readonly exams: readonly ToldExam[];
  /** Names of the site the message is about, whether or not it tells a step of an exam. */
  readonly facilities: readonly string[];
  readonly repairs: readonly string[];
}
