import type { Exam } from '../plan/exam.ts';
import { hl7Time } from '../plan/paris.ts';

export interface Hl7Sender {
  /** MSH-3 */
  readonly application: string;
  /** OID of the local patient numbers. */
  readonly authority: string;
}

const sequences: Readonly<Record<string, string>> = { '\\': '\\E\\', '|': '\\F\\', '^': '\\S\\', '&': '\\T\\', '~': '\\R\\' }; // prettier-ignore
export const escape = (text: string): string =>
  text.replaceAll(/[\\|^&~]/g, (mark) => sequences[mark] ?? mark);
export const finish = (segments: readonly string[]): string => `${segments.join('\r')}\r`;

/** A segment by its field numbers. */
export function segment(name: string, fields: Readonly<Record<number, string>>): string {
  const last = Math.max(...Object.keys(fields).map(Number));
  return [name, ...Array.from({ length: last }, (_, i) => fields[i + 1] ?? '')].join('|');
}

/** @param step ends the control id, which no other message of the exam has @param as who speaks, when it is not the site's RIS */
export function msh(
  exam: Exam,
  type: string,
  at: number,
  step: string,
  as: { readonly application: string; readonly facility: string; readonly receiver?: string }
): string {
  const to = as.receiver ?? 'GHT';
  return `MSH|^~\\&|${escape(as.application)}|${escape(as.facility)}|VIGIE|${escape(to)}|${hl7Time(at)}||${type}|${exam.accession}-${step}|P|2.5.1||||||UNICODE UTF-8`;
}

export function pid({ patient }: Exam, by: Hl7Sender): string {
  const ins =
    patient.ins === undefined ? '' : `~${patient.ins}^^^ASIP-SANTE-INS-NIR-TEST&1.2.250.1.213.1.4.10&ISO^INS`;
  return segment('PID', {
    1: '1',
    3: `${ippOf(patient.ipp, by)}${ins}`,
    5: `${escape(patient.family)}^${escape(patient.given)}`,
    7: patient.birthDate,
    8: patient.sex,
    32: patient.reliability
  });
}

export const ippOf = (ipp: string, by: Hl7Sender): string => `${ipp}^^^GHT&${by.authority}&ISO^PI`;

export function pv1({ patientClass, place, visit }: Exam, by: Hl7Sender): string {
  return segment('PV1', {
    1: '1',
    2: patientClass,
    3: `IMAGERIE^^^${escape(place.facility)}`,
    19: `${visit}^^^GHT&${by.authority}.2&ISO^VN`
  });
}

/** MSH, PID and PV1 of a message of the site's RIS. */
export function head(exam: Exam, type: string, at: number, step: string, by: Hl7Sender): string[] {
  const as = { application: by.application, facility: exam.place.facility };
  return [msh(exam, type, at, step, as), pid(exam, by), pv1(exam, by)];
}
