import { appointmentsOf } from './appointment.ts';
import { cx, first, timeOf, timeOrNull, typeOf } from './fields.ts';
import { groupsOf, type Common } from './group.ts';
import type { Hl7Message } from './message.ts';
import { Undecodable } from '../undecodable.ts';
import { isMovement, movementOf } from './movement.ts';
import { orderOf } from './order.ts';
import { patientsOf } from './patient.ts';
import { reportOf } from './report.ts';
import { isTeleradiology, teleradiologyOf } from './teleradiology.ts';
import type { ToldExam, ToldHl7 } from './told-exam.ts';

const orders = new Set(['ORM^O01', 'OMG^O19', 'OMI^O23']);
const appointments = /^SIU\^S(?:1[2-9]|2[0-6])$/;

/**
 * Reads what a RIS, a HIS or a teleradiology platform tells of exams: orders (ORM^O01, OMG^O19, OMI^O23), reports (ORU^R01), appointments
 * (SIU S12 to S26), teleradiology (by OBR-4), and of patients: movements, identities, merges (ADT).
 * @throws {Undecodable} unsupported-message, missing-field, bad-value
 */
export function readExams(message: Hl7Message): ToldHl7 {
  const { msh, segments } = message;
  const type = typeOf(message);
  const pv1 = first(segments, 'PV1');
  const facilities = [msh.get(4), msh.raw(4), pv1?.get(3, 4) ?? ''];
  const exams = examsOf(message, type, facilities);
  const movement = isMovement(type) ? movementOf(segments, type.slice(4), msh.get(7)) : null;
  const tells = exams.length > 0 || movement !== null;
  const sequence = msh.get(13);
  const { patients, more } = patientsOf(segments);
  return {
    patients,
    exams,
    movement,
    visit: cx(pv1?.repetitions(19)[0]),
    toldAt: tells ? timeOrNull(msh.get(7), 'MSH-7') : null,
    sequence: /^\d{1,15}$/.test(sequence) ? Number(sequence) : null,
    facilities,
    repairs: [...message.repairs, ...(more ? ['patients-cut'] : []), ...(tells ? [] : ['no-milestone'])]
  };
}

function examsOf(
  { msh, segments }: Hl7Message,
  type: string,
  facilities: readonly string[]
): readonly ToldExam[] {
  if (isMovement(type)) return [];
  if (!orders.has(type) && type !== 'ORU^R01' && !appointments.test(type))
    throw new Undecodable(
      'unsupported-message',
      'MSH-9 is none of ORM^O01, OMG^O19, OMI^O23, ORU^R01, SIU S12-S26, ADT A01-A08 A11-A13 A28 A31 A40 A47'
    );
  const common: Common = {
    sentAt: timeOf(msh.get(7), 'MSH-7'),
    pv1: first(segments, 'PV1'),
    facilities,
    receivers: [msh.get(6), msh.raw(6)]
  };
  if (appointments.test(type)) return appointmentsOf(segments, type.slice(4), common);
  const read = type === 'ORU^R01' ? reportOf : orderOf;
  const exams = groupsOf(segments).flatMap((group) =>
    isTeleradiology(group) ? teleradiologyOf(group, common) : read(group, common)
  );
  const seen = new Set<string>();
  return exams.filter((exam) => {
    const key = [exam.milestone, exam.accession, exam.study, exam.step, exam.occurredAt.wall].join('|');
    return seen.has(key) ? false : seen.add(key);
  });
}
