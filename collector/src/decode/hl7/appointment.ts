import { codeOf, first, required, timeOrNull } from './fields.ts';
import { studyOf, type Common } from './group.ts';
import type { Segment } from './message.ts';
import { milestoneOfAppointment } from './milestone.ts';
import type { ToldExam } from './told-exam.ts';

/**
 * An appointment (SIU, IHE RAD-48): SCH-26 and SCH-27 carry the placer's and filler's order numbers, AIS the procedure, AIL the place. Its
 * milestone is of when it was told; what it is for is the appointment.
 */
export function appointmentsOf(segments: readonly Segment[], trigger: string, common: Common): ToldExam[] {
  const sch = first(segments, 'SCH');
  const milestone = milestoneOfAppointment(trigger, sch?.get(25) ?? '');
  if (milestone === null) return [];
  const [ais, ail, tq1] = ['AIS', 'AIL', 'TQ1'].map((name) => first(segments, name));
  const accession = sch?.get(27) || sch?.get(26) || sch?.get(2) || '';
  const time = tq1?.get(7) || sch?.get(11, 4) || ais?.get(4) || ail?.get(6) || '';
  const stopped = milestone === 'cancelled' || milestone === 'no-show';
  return [
    {
      milestone,
      occurredAt: common.sentAt,
      accession: required(accession, 'SCH-27 (filler order number)'),
      orderNumber: sch?.get(26) ?? '',
      step: '',
      study: studyOf(segments),
      room: ail?.get(3, 2) || ail?.get(3) || '',
      modality: '',
      procedureCode: ais?.get(3) ?? '',
      priority: tq1?.get(9) ?? '',
      patientClass: common.pv1?.get(2) ?? '',
      actor: null,
      facilities: common.facilities,
      station: '',
      appointmentAt: timeOrNull(time, 'the time of the appointment'),
      acts: null,
      reportStatus: '',
      reason: stopped ? codeOf(sch?.repetitions(6)[0]) : '',
      organisations: [],
      documents: null
    }
  ];
}
