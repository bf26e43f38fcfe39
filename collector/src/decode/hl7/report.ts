import { readerOf } from './actors.ts';
import { examOf, type Common, type Group } from './group.ts';
import type { Segment } from './message.ts';
import { milestoneOfReport } from './milestone.ts';
import type { ToldExam } from './told-exam.ts';

/** LOINC of an addendum document. */
const addendumDocument = '55107-7';

/** One report of an ORU^R01, with the PDFs that come with it. */
export function reportOf(group: Group, common: Common): ToldExam[] {
  const { obr, rest } = group;
  const observations = rest.filter(({ name }) => name === 'OBX');
  const [obx] = observations;
  const told = milestoneOfReport(
    (obr?.get(25) || obx?.get(11) || '').toUpperCase(),
    observations.some(isAddendum)
  );
  if (told === null) return [];
  const time = obr?.get(22) || obx?.get(14) || '';
  const exam = examOf(told.milestone, time, readerOf(obr), group, common);
  const none = { count: 0, bytes: 0 };
  return [{ ...exam, reportStatus: told.status, documents: exam.documents ?? none }];
}

/** OBX-3 with the suffix ADT (HL7 v2.5.1 §7.4.2.3), or the LOINC code of an addendum. */
function isAddendum(obx: Segment): boolean {
  const told = obx.repetitions(3)[0];
  return (
    told !== undefined && (told.sub(1, 2).toUpperCase() === 'ADT' || told.sub(1, 1) === addendumDocument)
  );
}
