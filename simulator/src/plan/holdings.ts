import { mixes } from '../group/mix.ts';
import { Random } from '../random.ts';
import { arrival } from './attempts.ts';
import { copiesOf } from './copies.ts';
import { examsOf, type Exam } from './exam.ts';
import { isSilent } from './health.ts';
import { clock, dayOf } from './paris.ts';
import type { Place, World } from './world.ts';

/** One study as an archive holds it. */
export interface HeldStudy {
  readonly study: string;
  readonly accession: string;
  readonly institution: string;
  readonly modality: string;
  readonly instances: number;
  /** Of the study: ms since 1970. */
  readonly at: number;
}

/** Studies made at the console of a modality, without an order: they wait in the PACS for someone to sort them out. */
const unordered = 0.35;
const mistyped = 0.004;
const incomplete = 0.006;
const copyMs = 70 * 60_000;

/** What a system holds at a moment of the studies of one day; nothing of systems that keep no images. Pure. */
export function holdingsOf(world: World, system: string, day: string, now: number): readonly HeldStudy[] {
  const { pacs, vna, archive } = world.platform;
  const role = [pacs, vna, archive].findIndex((one) => one?.system === system);
  if (role < 0) return [];
  const today = dayOf(now);
  const exams = examsOf(world, day).filter(
    (exam) => !exam.cancelled && !isSilent(world, exam.room.id, exam.startedAt, today)
  );
  const ordered = exams.flatMap((exam) => {
    const { toVna, toArchive, deleted } = copiesOf(world, exam);
    const [since, until] = [
      [exam.reading?.availableAt, deleted.pacs],
      [arrival(toVna), deleted.vna],
      [arrival(toArchive), deleted.archive]
    ][role] ?? [undefined, undefined];
    return since === undefined || since > now || (until ?? Infinity) <= now ? [] : [held(world, exam, role)];
  });
  return [...ordered, ...strangers(world, day, now - role * copyMs)];
}

/** An accession number is mistyped now and then; a study lacks images when its last objects were lost. */
function held(world: World, exam: Exam, role: number): HeldStudy {
  const random = new Random(world.seed, 'held', exam.accession);
  const wrong = random.chance(mistyped);
  const losesAt = random.chance(incomplete) ? random.whole(0, 2) : 3;
  const lost = role >= losesAt ? Math.min(exam.images - 1, random.whole(1, 6)) : 0;
  return {
    study: exam.study,
    accession: wrong ? `${exam.accession.slice(0, -1)}X` : exam.accession,
    institution: exam.place.facility,
    modality: exam.modality,
    instances: exam.images - lost,
    at: exam.startedAt
  };
}

/** Studies that the RIS knows nothing of, of one day and place. */
function strangers(world: World, day: string, now: number): HeldStudy[] {
  return world.places.flatMap((place: Place, site): HeldStudy[] => {
    const random = new Random(world.seed, 'stranger', day, place.site.id);
    const at = clock(day, random.whole(480, 1080));
    const { modality = '' } = random.pick(place.rooms);
    if (!random.chance(unordered) || !world.isLive(place, day) || at > now) return [];
    const images = mixes[modality]?.images ?? 1;
    return [
      {
        study: `1.2.250.1.999.7.${day.replaceAll('-', '')}.${site + 1}.9001`,
        accession: '',
        institution: place.facility,
        modality,
        instances: Math.max(1, Math.round(random.around(images, 0.35))),
        at
      }
    ];
  });
}
