import type { Random } from '../random.ts';
import type { World } from './world.ts';

/** One try to send a study. */
export interface Attempt {
  readonly at: number;
  readonly status: 'success' | 'warning' | 'failure' | 'aborted' | 'rejected';
  /** Why it failed, in the words of the traffic report. */
  readonly reason: string | undefined;
  /** DICOM status of the C-STORE-RSP that stopped it, hexadecimal. */
  readonly code: string | undefined;
}

const minute = 60_000;
const maxTries = 4;

/** How transfers fail, by weight. What is already there is a warning to a PACS and an error to an archive. */
const failures = [
  [{ status: 'failure', reason: 'no-response', code: undefined }, 40],
  [{ status: 'aborted', reason: undefined, code: undefined }, 22],
  [{ status: 'failure', reason: 'out-of-resources', code: 'A700' }, 14],
  [{ status: 'warning', reason: 'already-present', code: '0111' }, 14],
  [{ status: 'rejected', reason: 'called-ae-not-recognized', code: undefined }, 6]
] as const;
const ofArchives = [
  ...failures,
  [{ status: 'failure', reason: 'already-present', code: '0111' }, 30]
] as const;

/**
 * The tries it takes to bring a study to a system: none answers while the system is down, a few fail by chance, and the sender
 * tries again some minutes later. After four it gives up.
 * @param options.chance of one try to fail
 * @param options.strange whether the called system does not know the calling AE title yet: its first try is rejected
 */
export function attempts(
  world: World,
  to: string,
  first: number,
  random: Random,
  options: { readonly chance: number; readonly archive: boolean; readonly strange: boolean }
): readonly Attempt[] {
  const tries: Attempt[] = [];
  for (let at = first; tries.length < maxTries;) {
    const pause = Math.round(random.around(9, 0.6) * minute);
    const outage = world.outage(to, at);
    if (outage?.kind === 'down') {
      tries.push({ at, status: 'failure', reason: 'no-response', code: undefined });
      at = outage.to + pause;
    } else if (options.strange && tries.length === 0) {
      tries.push({ at, status: 'rejected', reason: 'calling-ae-not-recognized', code: undefined });
      at += 3 * pause;
    } else if (random.chance(options.chance)) {
      const failed = random.weighted<Omit<Attempt, 'at'>>(options.archive ? ofArchives : failures);
      tries.push({ at, ...failed });
      // What is there already need not be sent again.
      if (failed.reason === 'already-present') return tries;
      at += pause;
    } else return [...tries, { at, status: 'success', reason: undefined, code: undefined }];
  }
  return tries;
}

/** When the study was there; undefined when every try failed. */
export function arrival(tries: readonly Attempt[]): number | undefined {
  const last = tries.at(-1);
  if (last === undefined) return undefined;
  return last.status === 'success' || last.reason === 'already-present' ? last.at : undefined;
}
