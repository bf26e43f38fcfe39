import type { Speaker } from '../group/platform.ts';
import { Random } from '../random.ts';
import type { Tell } from './event.ts';
import type { Exam } from './exam.ts';
import type { World } from './world.ts';

/** Modalities that tell their performed procedure steps; X-ray and ultrasound mostly do not. */
const announcing: ReadonlySet<string> = new Set(['CT', 'MR', 'MG', 'NM', 'XA']);
const minute = 60_000;

const time = (at: number) => new Date(at).toISOString();

/** The performed procedure step, once it is completed, as the PACS passes it on: it announces the images. */
export function tellSteps(world: World, exam: Exam, tell: Tell): void {
  if (!announcing.has(exam.modality)) return;
  tell(exam.endedAt, () => ({
    at: exam.endedAt,
    kind: 'json',
    feed: 'mpps',
    record: {
      system: world.platform.pacs.system,
      step: `${exam.study}.1`,
      status: 'COMPLETED',
      accession: exam.accession,
      study: exam.study,
      station_ae: exam.callingAe,
      modality: exam.modality,
      site: exam.place.site.id,
      told_at: time(exam.endedAt),
      started_at: time(exam.startedAt),
      ended_at: time(exam.endedAt),
      instances: exam.images
    }
  }));
}

/** What no RIS knows: the PACS has the images, the viewer opened them; and the RIS has sent the report out. */
export function tellMilestones(
  world: World,
  exam: Exam,
  reading: NonNullable<Exam['reading']>,
  tell: Tell
): void {
  const { pacs, viewer, ris } = world.platform;
  const random = new Random(world.seed, 'milestones', exam.accession);
  const say = (by: Speaker, milestone: string, at: number) =>
    tell(at, () => ({
      at,
      kind: 'json',
      feed: 'exams',
      record: {
        system: by.system,
        occurred_at: time(at),
        told_at: time(at),
        milestone,
        accession: exam.accession,
        site: exam.place.site.id,
        modality: exam.modality
      }
    }));
  say(pacs, 'available', reading.availableAt);
  say(viewer, 'opened', reading.openedAt);
  say(ris, 'distributed', reading.signedAt + Math.round(random.around(6, 0.6) * minute));
}
