import { Random } from '../random.ts';
import { arrival, attempts, type Attempt } from './attempts.ts';
import type { Exam } from './exam.ts';
import type { World } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const copyFails = 0.008;
/** Copies that nobody sends: found by comparing the archives alone. */
const forgotten = 0.004;

/** The way of a study from the PACS to its copies: every try, and when each copy is taken away again. */
export interface Copies {
  /** First tries; empty when there is no such system, or nobody sends. */
  readonly toVna: readonly Attempt[];
  readonly toArchive: readonly Attempt[];
  /** When the study is deleted in each; undefined when it is not. */
  readonly deleted: { readonly pacs?: number; readonly vna?: number; readonly archive?: number };
}

/** Copies to the VNA, from there to the archive; and deletions, which are to follow the same way and now and then do not. */
export function copiesOf(world: World, exam: Exam): Copies {
  const { vna, archive } = world.platform;
  const availableAt = exam.reading?.availableAt;
  if (availableAt === undefined) return { toVna: [], toArchive: [], deleted: {} };
  const random = new Random(world.seed, 'copies', exam.accession);
  const later = availableAt + Math.round(random.around(8, 0.5) * minute);
  const [loses, forgets] = [random.chance(forgotten / 2), random.chance(forgotten)];
  const [deletes, followed] = [random.chance(0.004), random.chance(0.85)];
  const send = (to: string, at: number, isArchive: boolean) =>
    attempts(world, to, at, random, { chance: copyFails, archive: isArchive, strange: false });
  const toVna = vna && !loses ? send(vna.system, later, false) : [];
  const kept = vna ? arrival(toVna) : availableAt;
  const toArchive =
    archive && kept !== undefined && !forgets
      ? send(archive.system, kept + Math.round(random.around(55, 0.7) * minute), true)
      : [];
  const deletedAt = availableAt + 90 * minute;
  return {
    toVna,
    toArchive,
    deleted: deletes
      ? { pacs: deletedAt, ...(followed && { vna: deletedAt + 2 * hour, archive: deletedAt + 26 * hour }) }
      : {}
  };
}
