import type { Exam } from '../plan/exam.ts';
import { hl7Time } from '../plan/paris.ts';

/** HL7 v2.5.1 as the shared RIS sends it: ORM^O01 for the steps of an order, ORU^R01 for its report. UTF-8. */
const escape = (text: string) => text.replaceAll('\\', '\\E\\').replaceAll('|', '\\F\\').replaceAll('^', '\\S\\').replaceAll('&', '\\T\\').replaceAll('~', '\\R\\'); // prettier-ignore

function head(exam: Exam, type: string, at: number, step: string, facility: string): string[] {
  const { patient, patientClass } = exam;
  const ipp = `${patient.ipp}^^^GHT&1.2.250.1.999.10.1&ISO^PI`;
  const ins =
    patient.ins === undefined ? '' : `~${patient.ins}^^^ASIP-SANTE-INS-NIR-TEST&1.2.250.1.213.1.4.10&ISO^INS`;
  return [
    `MSH|^~\\&|RIS|${facility}|VIGIE|GHT|${hl7Time(at)}||${type}|${exam.accession}-${step}|P|2.5.1||||||UNICODE UTF-8`,
    `PID|1||${ipp}${ins}||${escape(patient.family)}^${escape(patient.given)}||${patient.birthDate}|${patient.sex}`,
    `PV1|1|${patientClass}|IMAGERIE^^^${facility}`
  ];
}

function obr(exam: Exam, fields: Readonly<Record<number, string>>): string {
  const all: Record<number, string> = {
    1: '1',
    2: `O${exam.accession}`,
    3: `F${exam.accession}`,
    4: `${exam.procedure[0]}^${escape(exam.procedure[1])}^LOCAL`,
    16: `${exam.prescriber.login}^${escape(exam.prescriber.family)}^${escape(exam.prescriber.given)}`,
    18: exam.accession,
    20: exam.callingAe,
    24: exam.modality,
    27: `1^^^${hl7Time(exam.startedAt)}^^${exam.priority}`,
    ...fields
  };
  const last = Math.max(...Object.keys(all).map(Number));
  return `OBR|${Array.from({ length: last }, (_, i) => all[i + 1] ?? '').join('|')}`;
}

const finish = (segments: readonly string[]) => `${segments.join('\r')}\r`;
const studySegment = (exam: Exam) => `ZDS|${exam.study}^Application^DICOM`;

/** Steps of the order: NW ordered, NW with SC scheduled, XO with IP started, XO with CM ended, CA cancelled. */
export function orm(
  exam: Exam,
  step: 'ordered' | 'scheduled' | 'started' | 'ended' | 'cancelled',
  at: number,
  facility: string
): string {
  const control = { ordered: 'NW', scheduled: 'NW', started: 'XO', ended: 'XO', cancelled: 'CA' }[step];
  const status = { ordered: '', scheduled: 'SC', started: 'IP', ended: 'CM', cancelled: 'CA' }[step];
  const { technologist } = exam;
  const performer = `${technologist.login}&${escape(technologist.family)}&${escape(technologist.given)}`;
  return finish([
    ...head(exam, 'ORM^O01^ORM_O01', at, step, facility),
    `ORC|${control}|O${exam.accession}|F${exam.accession}||${status}||1^^^${hl7Time(exam.startedAt)}^^${exam.priority}||${hl7Time(at)}`,
    obr(exam, step === 'started' || step === 'ended' ? { 34: performer } : {}),
    studySegment(exam)
  ]);
}

/** The report: P drafted, F signed, by the reader and the place of reading (OBR-32). */
export function oru(
  exam: Exam,
  status: 'P' | 'F',
  at: number,
  facility: string,
  readingFacility: string
): string {
  const { reader } = exam;
  const interpreter = `${reader.login}&${escape(reader.family)}&${escape(reader.given)}&&&&&&&^^^^^^${readingFacility}`;
  return finish([
    ...head(exam, 'ORU^R01^ORU_R01', at, status === 'F' ? 'signed' : 'drafted', facility),
    obr(exam, { 22: hl7Time(at), 25: status, 32: interpreter }),
    `OBX|1|TX|${exam.procedure[0]}^CR||Compte rendu de démonstration.||||||${status}`
  ]);
}
