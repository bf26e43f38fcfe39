import type { Exam } from '../plan/exam.ts';
import { hl7Time } from '../plan/paris.ts';

/** HL7 v2.5.1 as a shared RIS sends it: ORM^O01 for the steps of an order, ORU^R01 for its report. UTF-8. */
export interface Hl7Sender {
  /** MSH-3 */
  readonly application: string;
  /** OID of the local patient numbers. */
  readonly authority: string;
}

const sequences: Readonly<Record<string, string>> = { '\\': '\\E\\', '|': '\\F\\', '^': '\\S\\', '&': '\\T\\', '~': '\\R\\' }; // prettier-ignore
const escape = (text: string) => text.replaceAll(/[\\|^&~]/g, (mark) => sequences[mark] ?? mark);
const finish = (segments: readonly string[]) => `${segments.join('\r')}\r`;

function head(exam: Exam, type: string, at: number, step: string, by: Hl7Sender): string[] {
  const { patient, patientClass, place } = exam;
  const ipp = `${patient.ipp}^^^GHT&${by.authority}&ISO^PI`;
  const ins =
    patient.ins === undefined ? '' : `~${patient.ins}^^^ASIP-SANTE-INS-NIR-TEST&1.2.250.1.213.1.4.10&ISO^INS`;
  const facility = escape(place.facility);
  return [
    `MSH|^~\\&|${escape(by.application)}|${facility}|VIGIE|GHT|${hl7Time(at)}||${type}|${exam.accession}-${step}|P|2.5.1||||||UNICODE UTF-8`,
    `PID|1||${ipp}${ins}||${escape(patient.family)}^${escape(patient.given)}||${patient.birthDate}|${patient.sex}`,
    `PV1|1|${patientClass}|IMAGERIE^^^${facility}`
  ];
}

function obr(exam: Exam, fields: Readonly<Record<number, string>>): string {
  const { prescriber, procedure } = exam;
  const all: Record<number, string> = {
    1: '1',
    2: `O${exam.accession}`,
    3: `F${exam.accession}`,
    4: `${procedure[0]}^${escape(procedure[1])}^LOCAL`,
    16: `${prescriber.login}^${escape(prescriber.family)}^${escape(prescriber.given)}`,
    18: exam.accession,
    20: exam.room.ae_titles[0] ?? '',
    24: exam.modality,
    27: `1^^^${hl7Time(exam.startedAt)}^^${exam.priority}`,
    ...fields
  };
  const last = Math.max(...Object.keys(all).map(Number));
  return `OBR|${Array.from({ length: last }, (_, i) => all[i + 1] ?? '').join('|')}`;
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
  const { technologist } = exam;
  const performer = `${technologist.login}&${escape(technologist.family)}&${escape(technologist.given)}`;
  return finish([
    ...head(exam, 'ORM^O01^ORM_O01', at, step, by),
    `ORC|${control}|O${exam.accession}|F${exam.accession}||${status}||1^^^${hl7Time(exam.startedAt)}^^${exam.priority}||${hl7Time(at)}`,
    obr(exam, step === 'started' || step === 'ended' ? { 34: performer } : {}),
    `ZDS|${exam.study}^Application^DICOM`
  ]);
}

/** The report: P drafted, F signed, by the reader and the place of reading (OBR-32). */
export function oru(
  exam: Exam,
  status: 'P' | 'F',
  at: number,
  readingFacility: string,
  by: Hl7Sender
): string {
  const { reader, procedure } = exam;
  const interpreter = `${reader.login}&${escape(reader.family)}&${escape(reader.given)}^^^^^^${escape(readingFacility)}`;
  return finish([
    ...head(exam, 'ORU^R01^ORU_R01', at, status === 'F' ? 'signed' : 'drafted', by),
    obr(exam, { 22: hl7Time(at), 25: status, 32: interpreter }),
    `OBX|1|TX|${procedure[0]}^CR||Compte rendu de démonstration.||||||${status}`,
    `OBX|2|HD|113014^Study Instance UID^DCM||${exam.study}||||||${status}`
  ]);
}
