import type { Exam } from '../plan/exam.ts';
import { hl7Time } from '../plan/paris.ts';
import { escape, finish, head, segment, type Hl7Sender } from './hl7-segments.ts';

// HL7 v2.5.1 as a shared RIS sends it: ORM^O01 for the steps of an order, ORU^R01 for its report. UTF-8.

function obr(exam: Exam, fields: Readonly<Record<number, string>>): string {
  const { prescriber, procedure } = exam;
  const all: Record<number, string> = {
    1: '1',
    2: `O${exam.accession}`,
    3: `F${exam.accession}`,
    4: `${procedure[0]}^${escape(procedure[1])}^LOCAL^${exam.acts[0] ?? ''}^^CCAM`,
    16: `${prescriber.login}^${escape(prescriber.family)}^${escape(prescriber.given)}`,
    18: exam.accession,
    20: exam.room.ae_titles[0] ?? '',
    24: exam.modality,
    27: `1^^^${hl7Time(exam.startedAt)}^^${exam.priority}`,
    ...fields
  };
  return segment('OBR', all);
}

export type OrderStep = 'ordered' | 'scheduled' | 'started' | 'ended' | 'cancelled';
/** ORC-1 and ORC-5 of each step. */
const controls: Readonly<Record<OrderStep, readonly [control: string, status: string]>> = {
  ordered: ['NW', ''],
  scheduled: ['SC', 'SC'],
  started: ['XO', 'IP'],
  ended: ['XO', 'CM'],
  cancelled: ['CA', 'CA']
};

/** A step of an order. */
export function orm(exam: Exam, step: OrderStep, at: number, by: Hl7Sender): string {
  const [control, status] = controls[step];
  const more = step === 'ended' ? exam.acts.slice(1).map((act, i) => `PR1|${i + 1}||${act}^^CCAM`) : [];
  const { technologist } = exam;
  const performer = `${technologist.login}&${escape(technologist.family)}&${escape(technologist.given)}`;
  return finish([
    ...head(exam, 'ORM^O01^ORM_O01', at, step, by),
    segment('ORC', {
      1: control,
      2: `O${exam.accession}`,
      3: `F${exam.accession}`,
      5: status,
      7: `1^^^${hl7Time(exam.startedAt)}^^${exam.priority}`,
      9: hl7Time(at),
      ...(step === 'cancelled' && { 16: `${exam.appointment.reason}^^MOTIF` })
    }),
    obr(exam, step === 'started' || step === 'ended' ? { 34: performer } : {}),
    `ZDS|${exam.study}^Application^DICOM`,
    ...more
  ]);
}

/** P drafted, F signed, C signed again with a correction; A an addendum to what was signed. */
export type ReportStep = 'P' | 'F' | 'C' | 'A';
const reportSteps: Readonly<Record<ReportStep, string>> = {
  P: 'drafted',
  F: 'signed',
  C: 'corrected',
  A: 'addendum'
};

/** A page that says that it is none: what is told of a PDF is that it is there, and its size. */
const page = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n'
).toString('base64');

/** The report, by the reader and the place of reading (OBR-32); some with a PDF. */
export function oru(
  exam: Exam,
  step: ReportStep,
  at: number,
  readingFacility: string,
  by: Hl7Sender
): string {
  const { reader, procedure } = exam;
  const status = step === 'A' ? 'F' : step;
  const interpreter = `${reader.login}&${escape(reader.family)}&${escape(reader.given)}^^^^^^${escape(readingFacility)}`;
  const pdf = status === 'F' && exam.images % 2 === 0;
  return finish([
    ...head(exam, 'ORU^R01^ORU_R01', at, reportSteps[step], by),
    obr(exam, { 22: hl7Time(at), 25: status, 32: interpreter }),
    `OBX|1|TX|${procedure[0]}${step === 'A' ? '&ADT' : ''}^CR||Compte rendu de démonstration.||||||${status}`,
    `OBX|2|HD|113014^Study Instance UID^DCM||${exam.study}||||||${status}`,
    ...(pdf ? [`OBX|3|ED|18748-4^CR d'imagerie^LN||RIS^application^pdf^Base64^${page}||||||${status}`] : [])
  ]);
}
