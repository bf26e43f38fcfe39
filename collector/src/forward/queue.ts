import type { Forward } from '@vigie/schemas';
import type { Lane, Reception } from '../reception.ts';
import type { SpoolEnvironment } from '../spool/environment.ts';
import { decodeBatch, encodeBatch } from '../spool/record.ts';
import type { Match } from './rules.ts';

/** Messages of one piece of a queue: it is sent, and forgotten, as one. */
const [pieceRecords, pieceBytes] = [500, 2_000_000] as const;
/** Ranges of skipped messages that are told apart; beyond, the last one grows. */
const maxGaps = 100;

/** A run of messages that were wanted and not queued, because the queue was full. They are in Vigie's log all the same. */
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
  readonly gaps: readonly Gap[];
}

const empty: QueueState = { next: 1, messages: 0, bytes: 0, sent: 0, refused: 0, unfit: 0, gaps: [] };

/** One piece as it is sent: messages and their sequences, which make their ids. */
export interface Piece {
  readonly number: number;
  readonly lane: Lane;
  readonly seqs: readonly number[];
  readonly receptions: readonly Reception[];
  readonly bytes: number;
}

interface StoredPiece {
  readonly lane: Lane;
  readonly seqs: readonly number[];
  readonly batch: Buffer;
}

/** A message of a block, and the targets that want it. */
export interface Wanted {
  readonly seq: number;
  readonly reception: Reception;
  readonly targets: readonly Match[];
}

/**
 * The forward queues. Invariants:
 * - a message is queued in the transaction that decides its fate (pipeline/seal-lane.ts), once: `forwarded:<lane>` is the next
 *   sequence to queue, and a block that is sealed again queues nothing twice;
 * - `forward:<target>` counts what lies in the queue, and changes in the same transactions as the queue;
 * - a full queue skips new messages and says which: what waits is never dropped, and nobody else waits.
 */
export class ForwardQueues {
  readonly #spool: SpoolEnvironment;
  readonly #limits: ReadonlyMap<string, number>;

  /** @param limits most bytes that may wait, by target */
  constructor(spool: SpoolEnvironment, limits: ReadonlyMap<string, number>) {
    this.#spool = spool;
    this.#limits = limits;
  }

  state(target: string): QueueState {
    return (this.#spool.state.get(`forward:${target}`) as QueueState | undefined) ?? empty;
  }

  /** Queues what a block's messages want. Called inside a transaction. @param end the sequence after the block's last */
  put(lane: Lane, end: number, wanted: readonly Wanted[]): void {
    const { state } = this.#spool;
    const from = (state.get(`forwarded:${lane}`) as number | undefined) ?? 0;
    void state.put(`forwarded:${lane}`, Math.max(from, end));
    const fresh = wanted.filter(({ seq }) => seq >= from);
    for (const target of this.#limits.keys()) {
      const own = fresh.flatMap(({ seq, reception, targets }) => {
        const match = targets.find((one) => one.target === target);
        return match ? [{ seq, reception, fits: match.fits }] : [];
      });
      if (own.length > 0) this.#put(lane, target, own);
    }
  }

  #put(
    lane: Lane,
    target: string,
    own: readonly { readonly seq: number; readonly reception: Reception; readonly fits: boolean }[]
  ): void {
    const limit = this.#limits.get(target) ?? 0;
    let now = this.state(target);
    now = { ...now, unfit: now.unfit + own.filter(({ fits }) => !fits).length };
    for (const piece of pieces(own.filter(({ fits }) => fits))) {
      const seqs = piece.map(({ seq }) => seq);
      if (now.bytes > 0 && now.bytes >= limit) {
        now = { ...now, gaps: withGap(now.gaps, lane, seqs, piece[0]?.reception.receivedAt ?? 0) };
        continue;
      }
      const batch = encodeBatch(piece.map(({ reception }) => reception));
      void this.#spool.forwards.put([target, now.next], { lane, seqs, batch } satisfies StoredPiece);
      now = {
        ...now,
        next: now.next + 1,
        messages: now.messages + piece.length,
        bytes: now.bytes + batch.length
      };
    }
    void this.#spool.state.put(`forward:${target}`, now);
  }

  /** The oldest piece, or undefined when nothing waits. */
  first(target: string): Piece | undefined {
    this.#spool.root.resetReadTxn();
    const range = { start: [target, 0], end: [target, Number.MAX_SAFE_INTEGER], limit: 1 };
    for (const { key, value } of this.#spool.forwards.getRange(range as never)) {
      const { lane, seqs, batch } = value as StoredPiece;
      return { number: key[1], lane, seqs, receptions: decodeBatch(Buffer.from(batch)), bytes: batch.length };
    }
    return undefined;
  }

  /** Forgets a piece that was sent. @param refused messages of it that the target refused for good */
  async done(target: string, piece: Piece, refused: number): Promise<void> {
    const { root, state, forwards } = this.#spool;
    await root.transaction(() => {
      void forwards.remove([target, piece.number]);
      const now = this.state(target);
      void state.put(`forward:${target}`, {
        ...now,
        messages: Math.max(0, now.messages - piece.receptions.length),
        bytes: Math.max(0, now.bytes - piece.bytes),
        sent: now.sent + piece.receptions.length - refused,
        refused: now.refused + refused
      } satisfies QueueState);
    });
  }

  /** Targets with something in their queue. */
  waiting(): string[] {
    return [...new Set([...this.#spool.forwards.getKeys()].map(([target]) => target))];
  }
}

/** The queues of vigie.yaml's targets. */
export function forwardQueues(spool: SpoolEnvironment, rules: readonly Forward[]): ForwardQueues {
  return new ForwardQueues(
    spool,
    new Map(rules.map(({ id, queue_mb: megabytes }) => [id, megabytes * 1_000_000]))
  );
}

/** Pure: splits messages into pieces within the bounds. */
function pieces<T extends { readonly reception: Reception }>(messages: readonly T[]): T[][] {
  const found: T[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const last = found.at(-1);
    const size = message.reception.raw.length;
    if (last === undefined || last.length >= pieceRecords || bytes + size > pieceBytes) {
      found.push([message]);
      bytes = size;
    } else {
      last.push(message);
      bytes += size;
    }
  }
  return found;
}

/** Pure: adds skipped messages to the last gap of their lane when they follow it closely, or as a gap of their own. */
function withGap(gaps: readonly Gap[], lane: Lane, seqs: readonly number[], since: number): Gap[] {
  const [first = 0, last = 0] = [seqs[0], seqs.at(-1)];
  const before = gaps.findLast((gap) => gap.lane === lane);
  const near = before !== undefined && (gaps.length >= maxGaps || first - before.last <= pieceRecords);
  if (!near) return [...gaps, { lane, first, last, messages: seqs.length, since }];
  return gaps.map((gap) => (gap === before ? { ...gap, last, messages: gap.messages + seqs.length } : gap));
}
