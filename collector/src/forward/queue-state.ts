import type { Lane } from '../reception.ts';

/** Ranges of skipped messages that are told apart; beyond, the last one grows. */
const maxGaps = 100;
/** Skipped messages as near to each other as this are told as one range. */
const nearby = 500;

/** A run of messages that were wanted and do not wait: the queue was full, or they grew too old. They are in Vigie's log all the same. */
export interface Gap {
  readonly lane: Lane;
  readonly first: number;
  readonly last: number;
  readonly messages: number;
  /** Reception time of the first one, ms. */
  readonly since: number;
}

/** What is known of one target's queue, on disk beside it. */
export interface QueueState {
  /** Number of the next piece. */
  readonly next: number;
  readonly messages: number;
  readonly bytes: number;
  readonly sent: number;
  /** Refused by the target for good. */
  readonly refused: number;
  /** Wanted by the rule, and not of a form the target takes. */
  readonly unfit: number;
  /** Taken out because what they tell was erased, unlinked or purged. */
  readonly withdrawn: number;
  /** Taken out because they had waited as long as a message may; they are among the gaps. */
  readonly expired: number;
  readonly gaps: readonly Gap[];
}

export const emptyState: QueueState = {
  next: 1,
  messages: 0,
  bytes: 0,
  sent: 0,
  refused: 0,
  unfit: 0,
  withdrawn: 0,
  expired: 0,
  gaps: []
};

/** Pure: adds messages to the last gap of their lane when they follow it closely, or as a gap of their own. */
export function withGap(gaps: readonly Gap[], lane: Lane, seqs: readonly number[], since: number): Gap[] {
  const [first = 0, last = 0] = [seqs[0], seqs.at(-1)];
  const before = gaps.findLast((gap) => gap.lane === lane);
  const near =
    before !== undefined &&
    (gaps.length >= maxGaps || (first >= before.first && first - before.last <= nearby));
  if (!near) return [...gaps, { lane, first, last, messages: seqs.length, since }];
  const grown = {
    ...before,
    first: Math.min(before.first, first),
    last: Math.max(before.last, last),
    messages: before.messages + seqs.length,
    since: Math.min(before.since, since)
  };
  return gaps.map((gap) => (gap === before ? grown : gap));
}
