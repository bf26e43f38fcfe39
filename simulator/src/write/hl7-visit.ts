import type { Exam } from '../plan/exam.ts';
import { hl7Time } from '../plan/paris.ts';
import { escape, finish, head, ippOf, segment, type Hl7Sender } from './hl7-segments.ts';

/** Booked, moved, the patient is there, cancelled, nobody came. */
export type SiuTrigger = 'S12' | 'S13' | 'S14' | 'S15' | 'S26';
const states: Readonly<Record<SiuTrigger, string>> = {
  S12: 'BOOKED',
  S13: 'BOOKED',
  S14: 'ARRIVED',
  S15: 'CANCELLED',
  S26: 'NOSHOW'
};

/** An appointment as scheduling tells it (IHE RAD-48). @param appointment its time, ms since 1970 */
export function siu(exam: Exam, trigger: SiuTrigger, at: number, appointment: number, by: Hl7Sender): string {
  const { accession, procedure, room, place } = exam;
  const [first = '', ...patient] = head(exam, `SIU^${trigger}^SIU_S12`, at, trigger, by);
  const time = hl7Time(appointment);
  const stopped = trigger === 'S15' || trigger === 'S26';
  return finish([
    first,
    segment('SCH', {
      1: `R${accession}`,
      ...(stopped && { 6: `${exam.appointment.reason}^^MOTIF` }),
      11: `^^^${time}`,
      25: states[trigger],
      26: `O${accession}`,
      27: accession
    }),
    segment('TQ1', { 1: '1', 7: time, 9: exam.priority }),
    ...patient,
    'RGS|1',
    `AIS|1||${procedure[0]}^${escape(procedure[1])}^LOCAL|${time}`,
    `AIL|1||IMAGERIE^${room.ae_titles[0] ?? ''}^${escape(place.facility)}`
  ]);
}

/** Admitted, registered, a change of what is known, a merge. */
export type AdtTrigger = 'A01' | 'A04' | 'A08' | 'A40';

/** What the identity feed tells of the patient of an exam; a merge takes away a provisional number. */
export function adt(exam: Exam, trigger: AdtTrigger, at: number, by: Hl7Sender): string {
  const structure = trigger === 'A40' ? 'ADT_A39' : 'ADT_A01';
  const [first = '', pid = '', pv1 = ''] = head(exam, `ADT^${trigger}^${structure}`, at, trigger, by);
  const rest = trigger === 'A40' ? [`MRG|${ippOf(`P${exam.patient.ipp.slice(1)}`, by)}`] : [pv1];
  return finish([first, `EVN|${trigger}|${hl7Time(at)}`, pid, ...rest]);
}
