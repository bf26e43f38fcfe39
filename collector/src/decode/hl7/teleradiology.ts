import type { Milestone } from '@vigie/schemas/facts/exam';
import { prescriberOf } from './actors.ts';
import { codeOf } from './fields.ts';
import { examOf, type Common, type Group } from './group.ts';
import type { ToldExam } from './told-exam.ts';

/** OBR-4 of the four flows (ANS, CI-SIS Téléradiologie, HL7 v2.5.1; code system TLR_OBR_PROCEDURE). */
const flows: ReadonlySet<string> = new Set([
  'TRANSMISSION_DEMANDE',
  'ANNULATION_DEMANDE',
  'REPONSE_DEMANDE',
  'COMPLEMENT_POST_ACTE'
]);

/** Whether a group is one of the flows between an imaging department and a teleradiology platform. */
export const isTeleradiology = ({ obr }: Group): boolean => flows.has(obr?.get(4).toUpperCase() ?? '');

/**
 * | flow | message | milestone |
 * |---|---|---|
 * | 1 TRANSMISSION_DEMANDE | ORM^O01, ORC-1 NW | requested-elsewhere, at ORC-9 |
 * | 2 ANNULATION_DEMANDE | ORM^O01, ORC-1 CA | cancelled-elsewhere, at ORC-9, for ORC-16: the request, not the exam |
 * | 3 REPONSE_DEMANDE | ORU^R01, ORC-1 OK, OC | accepted-elsewhere, refused-elsewhere (for ORC-16), by ORC-21 |
 * | 4 COMPLEMENT_POST_ACTE | OMI^O23 | available: the images can be read there; ties the order (ORC-2) to the accession (IPC-1) |
 *
 * The first three know the order's number only. Their procedure code is the flow's, and
 * IPC-4 a code of the exam's kind: both are left out.
 */
export function teleradiologyOf(group: Group, common: Common): ToldExam[] {
  const { orc, obr, rest } = group;
  const milestone = milestoneOf(obr?.get(4).toUpperCase() ?? '', orc?.get(1).toUpperCase() ?? '');
  if (milestone === null) return [];
  const actor = milestone === 'requested-elsewhere' ? prescriberOf(orc, obr) : null;
  const time = milestone === 'available' ? '' : (orc?.get(9) ?? '');
  const exam = examOf(milestone, time, actor, group, common);
  const modality = rest.find((segment) => segment.name === 'OBX' && segment.get(3) === 'MODALITE_IMAGERIE');
  const answers = milestone === 'accepted-elsewhere' || milestone === 'refused-elsewhere';
  const stops = milestone === 'cancelled-elsewhere' || milestone === 'refused-elsewhere';
  const sender = orc?.repetitions(21)[0];
  return [
    {
      ...exam,
      // The platform answers to the site: it is the one that is written to.
      facilities: answers ? [...exam.facilities, ...common.receivers] : exam.facilities,
      procedureCode: '',
      step: '',
      modality: exam.modality || (modality?.get(5) ?? ''),
      reason: stops ? codeOf(orc?.repetitions(16)[0]) : '',
      organisations: answers ? [sender?.get(10) ?? '', sender?.get(1) ?? ''].filter((one) => one !== '') : [],
      documents: null
    }
  ];
}

function milestoneOf(flow: string, control: string): Milestone | null {
  switch (flow) {
    case 'TRANSMISSION_DEMANDE':
      return 'requested-elsewhere';
    case 'ANNULATION_DEMANDE':
      return 'cancelled-elsewhere';
    case 'COMPLEMENT_POST_ACTE':
      return 'available';
    default:
      return control === 'OK' ? 'accepted-elsewhere' : control === 'OC' ? 'refused-elsewhere' : null;
  }
}
