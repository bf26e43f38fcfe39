import type { Forward } from '@vigie/schemas';
import type { Lane } from '../reception.ts';
import type { SpoolEnvironment } from '../spool/environment.ts';
import type { PieceSeal } from './piece-seal.ts';
import {
  openPiece,
  pieceKey,
  pieces,
  sealPiece,
  sizeOf,
  type Numbered,
  type Piece,
  type PieceKey,
  type StoredPiece
} from './pieces.ts';
import { emptyState, withGap, type QueueState } from './queue-state.ts';
import type { Match } from './rules.ts';

/** Keys looked at in one turn of the thread that receives. */
const keysAtOnce = 1000;

/** A message of a block, and the targets that want it. */
export interface Wanted extends Numbered {
  readonly targets: readonly Match[];
}

/** Why messages are taken out of a queue. What expired can be sent later, and becomes a gap. */
export type TakenOut = 'withdrawn' | 'expired';

/** What is to be taken out: pieces that may hold any of it, and which of their messages it is. */
export interface Choice {
  /** Whether a piece may hold any, by its key alone. */
  may(key: PieceKey): boolean;
  is(message: { readonly lane: Lane; readonly seq: number; readonly receivedAt: number }): boolean;
}

/**
 * The forward queues. Invariants:
 * - a message is queued in the transaction that decides its fate (pipeline/seal-lane.ts), once: `forwarded:<lane>` is the next
 *   sequence to queue, and a block that is sealed again queues nothing twice;
 * - `forward:<target>` counts what lies in the queue, and changes in the same transactions as the queue;
 * - a full queue skips new messages and says which: what waits is dropped only where it must not be sent any more;
 * - what waits is sealed: only this collector opens it.
 */
export class ForwardQueues {
  readonly #spool: SpoolEnvironment;
  readonly #limits: ReadonlyMap<string, number>;
  readonly #seal: PieceSeal;

  /** @param limits most bytes that may wait, by target */
  constructor(spool: SpoolEnvironment, limits: ReadonlyMap<string, number>, seal: PieceSeal) {
    this.#spool = spool;
    this.#limits = limits;
    this.#seal = seal;
  }

  state(target: string): QueueState {
    return {
      ...emptyState,
      ...(this.#spool.state.get(`forward:${target}`) as Partial<QueueState> | undefined)
    };
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

  #put(lane: Lane, target: string, own: readonly (Numbered & { readonly fits: boolean })[]): void {
    const limit = this.#limits.get(target) ?? 0;
    let now = this.state(target);
    now = { ...now, unfit: now.unfit + own.filter(({ fits }) => !fits).length };
    for (const piece of pieces(own.filter(({ fits }) => fits))) {
      if (now.bytes > 0 && now.bytes >= limit) {
        const seqs = piece.map(({ seq }) => seq);
        now = { ...now, gaps: withGap(now.gaps, lane, seqs, piece[0]?.reception.receivedAt ?? 0) };
        continue;
      }
      const stored = sealPiece(target, lane, piece, this.#seal);
      void this.#spool.forwards.put(pieceKey(target, now.next, lane, piece), stored);
      now = {
        ...now,
        next: now.next + 1,
        messages: now.messages + piece.length,
        bytes: now.bytes + sizeOf(stored)
      };
    }
    void this.#spool.state.put(`forward:${target}`, now);
  }

  /** Key of the oldest piece, or undefined when nothing waits. */
  #oldest(target: string): PieceKey | undefined {
    this.#spool.root.resetReadTxn();
    const range = { start: [target, 0], end: [target, Number.MAX_SAFE_INTEGER], limit: 1 };
    return [...this.#spool.forwards.getKeys(range as never)][0] as PieceKey | undefined;
  }

  /** Reception time of the oldest message that waits, ms. */
  oldest(target: string): number | undefined {
    return this.#oldest(target)?.[5];
  }

  /** The oldest piece, or undefined when nothing waits. @throws when it cannot be opened with this key */
  first(target: string): Piece | undefined {
    const key = this.#oldest(target);
    const stored = key && (this.#spool.forwards.get(key) as StoredPiece | undefined);
    if (!stored) return undefined;
    const { lane, seqs } = stored;
    const receptions = openPiece(target, stored, this.#seal).map(({ reception }) => reception);
    return { key, lane, seqs, receptions };
  }

  /** Forgets a piece that was sent. @param refused messages of it that the target refused for good */
  async done({ key, receptions }: Piece, refused: number): Promise<void> {
    const { root, state, forwards } = this.#spool;
    const [target] = key;
    await root.transaction(() => {
      // What was taken out of it while it was sent is counted out already.
      const left = forwards.get(key) as StoredPiece | undefined;
      void forwards.remove(key);
      const now = this.state(target);
      void state.put(`forward:${target}`, {
        ...now,
        messages: Math.max(0, now.messages - (left?.seqs.length ?? 0)),
        bytes: Math.max(0, now.bytes - (left ? sizeOf(left) : 0)),
        sent: now.sent + receptions.length - refused,
        refused: now.refused + refused
      } satisfies QueueState);
    });
  }

  /**
   * Takes messages out of the queues, those of targets that vigie.yaml no longer names too.
   * @param targets all of them when left out
   * @returns by target, how many, and how many of each piece
   */
  async takeOut(
    choice: Choice,
    why: TakenOut,
    targets?: readonly string[]
  ): Promise<Map<string, { messages: number; readonly pieces: Map<number, number> }>> {
    const found = new Map<string, { messages: number; readonly pieces: Map<number, number> }>();
    for await (const key of this.#keys()) {
      const [target, number] = key;
      if ((targets && !targets.includes(target)) || !choice.may(key)) continue;
      const messages = await this.#takeOutOf(key, choice, why);
      if (messages === 0) continue;
      const told = found.get(target) ?? { messages: 0, pieces: new Map<number, number>() };
      told.messages += messages;
      told.pieces.set(number, messages);
      found.set(target, told);
    }
    return found;
  }

  async #takeOutOf(key: PieceKey, choice: Choice, why: TakenOut): Promise<number> {
    const { root, state, forwards } = this.#spool;
    const [target, , lane] = key;
    return root.transaction(() => {
      const stored = forwards.get(key) as StoredPiece | undefined;
      if (!stored) return 0;
      const all = openPiece(target, stored, this.#seal);
      const out = all.filter(({ seq, reception }) =>
        choice.is({ lane, seq, receivedAt: reception.receivedAt })
      );
      if (out.length === 0) return 0;
      const left = all.filter((one) => !out.includes(one));
      const rest = left.length > 0 ? sealPiece(target, lane, left, this.#seal) : undefined;
      // The key stays: it says what may be in the piece.
      void (rest ? forwards.put(key, rest) : forwards.remove(key));
      const now = this.state(target);
      const seqs = out.map(({ seq }) => seq);
      void state.put(`forward:${target}`, {
        ...now,
        messages: Math.max(0, now.messages - out.length),
        bytes: Math.max(0, now.bytes - sizeOf(stored) + (rest ? sizeOf(rest) : 0)),
        [why]: now[why] + out.length,
        gaps: why === 'expired' ? withGap(now.gaps, lane, seqs, out[0]?.reception.receivedAt ?? 0) : now.gaps
      } satisfies QueueState);
      return out.length;
    });
  }

  /** Keys of all pieces, some at a time. */
  async *#keys(): AsyncGenerator<PieceKey> {
    let start: readonly (string | number)[] = [''];
    for (;;) {
      this.#spool.root.resetReadTxn();
      const range = { start, exclusiveStart: true, limit: keysAtOnce };
      const keys = [...this.#spool.forwards.getKeys(range as never)] as PieceKey[];
      yield* keys;
      const last = keys.at(-1);
      if (last === undefined || keys.length < keysAtOnce) return;
      start = last;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Seals what was queued before there was a key, one piece at a time. */
  async sealPlain(): Promise<void> {
    const { root, forwards } = this.#spool;
    for await (const key of this.#keys()) {
      if (key.length > 2) continue;
      await root.transaction(() => {
        const stored = forwards.get(key) as StoredPiece | undefined;
        if (!stored) return;
        const [target, number] = key;
        const messages = openPiece(target, stored, this.#seal);
        void forwards.remove(key);
        const sealed = sealPiece(target, stored.lane, messages, this.#seal);
        void forwards.put(pieceKey(target, number, stored.lane, messages), sealed);
        const now = this.state(target);
        const bytes = Math.max(0, now.bytes - sizeOf(stored) + sizeOf(sealed));
        void this.#spool.state.put(`forward:${target}`, { ...now, bytes });
      });
    }
  }

  /** Of each lane, the first and the last message that waits for anybody, and when they came, ms. */
  async waiting(): Promise<Map<Lane, { first: number; last: number; from: number; to: number }>> {
    const found = new Map<Lane, { first: number; last: number; from: number; to: number }>();
    for await (const [, , lane, first, last, from, to] of this.#keys()) {
      const told = found.get(lane) ?? { first, last, from, to };
      found.set(lane, {
        first: Math.min(told.first, first),
        last: Math.max(told.last, last),
        from: Math.min(told.from, from),
        to: Math.max(told.to, to)
      });
    }
    return found;
  }

  /** Targets with something in their queue. */
  async targets(): Promise<string[]> {
    const found = new Set<string>();
    for await (const [target] of this.#keys()) found.add(target);
    return [...found];
  }
}

/** The queues of vigie.yaml's targets. */
export function forwardQueues(
  spool: SpoolEnvironment,
  rules: readonly Forward[],
  seal: PieceSeal
): ForwardQueues {
  const limits = new Map(rules.map(({ id, queue_mb: megabytes }) => [id, megabytes * 1_000_000]));
  return new ForwardQueues(spool, limits, seal);
}
