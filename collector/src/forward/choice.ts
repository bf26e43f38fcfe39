import type { Config, Forward } from '@vigie/schemas';
import type { Lane } from '../reception.ts';
import type { Choice } from './queue.ts';

const dayMs = 86_400_000;
/** The shortest month: a purge never takes what is younger than so many days for each month of retention. */
const monthDays = 28;

/** Messages of one lane by their sequences. Pure. */
export function bySequence(lane: Lane, seqs: readonly number[]): Choice {
  const named = new Set(seqs);
  const sorted = [...named].toSorted((a, b) => a - b);
  return {
    may([, , of, first, last]) {
      if (of !== lane) return false;
      let [low, high] = [0, sorted.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((sorted[middle] ?? 0) < first) low = middle + 1;
        else high = middle;
      }
      return (sorted[low] ?? Infinity) <= last;
    },
    is: (message) => message.lane === lane && named.has(message.seq)
  };
}

/** Messages of some lanes received before an instant, ms. Pure. */
export function receivedBefore(lanes: readonly Lane[], before: number): Choice {
  return {
    may: ([, , lane, , , from]) => lanes.includes(lane) && from < before,
    is: ({ lane, receivedAt }) => lanes.includes(lane) && receivedAt < before
  };
}

/** Longest a message may wait for a target, ms: as its rule says, and no longer than what it tells is kept. */
export function maxAgeMs(
  { queue_days: days, when }: Pick<Forward, 'queue_days' | 'when'>,
  { raw_months, audit_months, own_months }: Config['retention']
): number {
  const kept = when.lanes.map((lane) => (lane === 'own' ? own_months : audit_months));
  return dayMs * Math.min(days, monthDays * Math.min(raw_months, ...kept));
}
