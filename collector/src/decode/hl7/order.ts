import { performerOf, prescriberOf, readerOf } from './actors.ts';
import { codeOf } from './fields.ts';
import { examOf, type Common, type Group } from './group.ts';
import { milestoneOfOrder } from './milestone.ts';
import type { ToldExam } from './told-exam.ts';

/** One order of an ORM^O01, OMG^O19 or OMI^O23. */
export function orderOf(group: Group, common: Common): ToldExam[] {
  const { orc, obr } = group;
  const control = orc?.get(1).toUpperCase() ?? '';
  const milestone = milestoneOfOrder(
    control,
    orc?.get(5).toUpperCase() ?? '',
    obr?.get(25).toUpperCase() ?? ''
  );
  if (milestone === null) return [];
  const told =
    milestone === 'started' ? obr?.get(7) : milestone === 'ended' ? obr?.get(8) || obr?.get(22) : orc?.get(9);
  const actor =
    milestone === 'ordered'
      ? prescriberOf(orc, obr)
      : milestone === 'started' || milestone === 'ended'
        ? performerOf(obr)
        : milestone === 'drafted' || milestone === 'signed'
          ? readerOf(obr)
          : null;
  const exam = examOf(milestone, told || orc?.get(9) || '', actor, group, common);
  return [milestone === 'cancelled' ? { ...exam, reason: codeOf(orc?.repetitions(16)[0]) } : exam];
}
