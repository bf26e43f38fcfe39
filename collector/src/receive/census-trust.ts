import { z } from 'zod';
import { askParts, type Answer, type Ask } from './census-ask.ts';
import { doubtful, type DayState } from './census-diff.ts';

/**
 * Archives cut answers short without a word: Orthanc's DICOMweb gives LimitFindResults + 1 studies and no Warning. So an answer
 * is believed only up to a size that was tried: `proven`; from `ceiling` on it is a part.
 */
export const Trust = z.object({ proven: z.int().optional(), ceiling: z.int().optional() });
export type Trust = z.infer<typeof Trust>;

/** A neighbouring day of at least so many studies tells whether a range of two days gives more than one. */
const enough = 3;
/** Studies asked for by their UID before they are taken for gone: all up to the limit, else as many of them. */
const checked = 20;

interface Doubt {
  readonly day: string;
  readonly before: DayState;
  /** Studies known of another day. */
  readonly neighbour: (day: string) => number;
  readonly trust: Trust;
  readonly ask: Ask;
  readonly signal: AbortSignal;
}

/**
 * Whether an answer that says it is whole is so; if not, the rest is asked for. Before a study is taken for gone it is asked for by
 * its UID: an archive that still has it gave a part.
 */
export async function believe(
  first: Answer,
  doubt: Doubt
): Promise<{ readonly answer: Answer; readonly trust: Trust }> {
  const { day, ask, signal } = doubt;
  if (first.gap !== undefined) return { answer: first, trust: doubt.trust };
  const trust = await tried(first.studies.length, { ...doubt, trust: usable(doubt.trust) });
  const cut = first.studies.length >= (trust.ceiling ?? Infinity);
  const answer = cut ? await askParts(limitedTo(ask, trust), day, first, signal) : first;
  if (answer.gap !== undefined) return { answer, trust };
  const kept: Answer['studies'][number][] = [];
  for (const study of doubtful(doubt.before, answer).slice(0, checked))
    kept.push(...(await ask({ date: day, study }, signal)).studies.filter((one) => one.study === study));
  if (kept.length === 0) return { answer, trust };
  const studies = [...answer.studies, ...kept];
  // A size that was proven, or none at all, tells of no limit: this answer alone was a part.
  const limit = first.studies.length > (trust.proven ?? 0);
  return {
    answer: { studies, gap: 'truncated' },
    trust: limit ? { ...trust, ceiling: first.studies.length } : trust
  };
}

/** A ceiling below what is proven tells of no limit. */
const usable = ({ proven, ceiling }: Trust): Trust => ({
  ...(proven !== undefined && { proven }),
  ...(ceiling !== undefined && ceiling > (proven ?? 0) && { ceiling })
});

/** Tries the largest answer so far with a range of two days, which must give more than one of them. */
async function tried(studies: number, { day, neighbour, trust, ask, signal }: Doubt): Promise<Trust> {
  const { proven = 0, ceiling = Infinity } = trust;
  if (studies <= proven || studies >= ceiling) return trust;
  const [before, after] = [shifted(day, -1), shifted(day, 1)];
  const near = [after, before].find((one) => neighbour(one) >= enough);
  if (near === undefined) return trust;
  const [date, until] = near === after ? [day, after] : [before, day];
  const both = await ask({ date, until }, signal);
  if (both.gap !== undefined || both.studies.length > studies) return { ...trust, proven: studies };
  return { ...trust, ceiling: studies };
}

/** Answers as large as the ceiling are parts. */
const limitedTo =
  (ask: Ask, { ceiling = Infinity }: Trust): Ask =>
  async (query, signal) => {
    const answer = await ask(query, signal);
    return answer.gap === undefined && answer.studies.length >= ceiling
      ? { ...answer, gap: 'truncated' }
      : answer;
  };

const shifted = (day: string, by: number) =>
  new Date(Date.parse(`${day}T12:00:00Z`) + by * 86_400_000).toISOString().slice(0, 10);
