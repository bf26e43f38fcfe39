import type { Exam } from '../plan/exam.ts';
import type { Elsewhere } from '../plan/appointment.ts';
import { hl7Time } from '../plan/paris.ts';
import { escape, finish, msh, pid, pv1, segment, type Hl7Sender } from './hl7-segments.ts';

const platform = 'TLR';
const flow = (code: string) => `${code}^^TLR_OBR_PROCEDURE`;

/** Asked to read an exam: flow 1 of the ANS profile (ORM^O01), with the accession number, which the profile leaves free. */
export function request(exam: Exam, at: number, by: Hl7Sender): string {
  const { prescriber, accession, place } = exam;
  const who = `${prescriber.login}^${escape(prescriber.family)}^${escape(prescriber.given)}`;
  const as = { application: by.application, facility: place.facility };
  return finish([
    msh(exam, 'ORM^O01^ORM_O01', at, 'tlr-request', as),
    pid(exam, by),
    pv1(exam, by),
    segment('ORC', { 1: 'NW', 2: `O${accession}`, 9: hl7Time(at), 12: who, 17: 'STRUCTURE_IMAGERIE^^TLR_TYPE_ORGANISATION' }), // prettier-ignore
    segment('OBR', { 2: `O${accession}`, 4: flow('TRANSMISSION_DEMANDE'), 16: who, 18: accession }),
    `OBX|1|CE|MODALITE_IMAGERIE^^TLR_OBSERVATION||${exam.modality}^^DCM||||||O`
  ]);
}

/** The platform's answer, flow 3 (ORU^R01): ORC-1 OK, or OC and why. */
export function answer(exam: Exam, { partner, refusal }: Elsewhere, at: number, by: Hl7Sender): string {
  const { accession, place } = exam;
  const facility = partner.aliases[0] ?? partner.name;
  return finish([
    msh(exam, 'ORU^R01^ORU_R01', at, 'tlr-answer', { application: platform, facility, receiver: place.facility }), // prettier-ignore
    pid(exam, by),
    segment('ORC', {
      1: refusal === '' ? 'OK' : 'OC',
      2: `O${accession}`,
      9: hl7Time(at),
      ...(refusal !== '' && { 16: `${refusal}^^MOTIF_REFUS` }),
      17: 'PLATEFORME_TLR^^TLR_TYPE_ORGANISATION',
      21: escape(facility)
    }),
    segment('OBR', { 2: `O${accession}`, 4: flow('REPONSE_DEMANDE'), 18: accession })
  ]);
}

/** The exam is made and its images can be read: flow 4 (OMI^O23). */
export function complement(exam: Exam, at: number, by: Hl7Sender): string {
  const { accession, place } = exam;
  const as = { application: by.application, facility: place.facility };
  return finish([
    msh(exam, 'OMI^O23^OMI_O23', at, 'tlr-complement', as),
    pid(exam, by),
    pv1(exam, by),
    segment('ORC', { 1: 'SR', 2: `O${accession}` }),
    segment('TQ1', { 7: hl7Time(exam.startedAt) }),
    segment('OBR', { 2: `O${accession}`, 4: flow('COMPLEMENT_POST_ACTE') }),
    `IPC|${accession}|${exam.procedure[0]}|${exam.study}|${exam.procedure[0]}|${exam.modality}`
  ]);
}
