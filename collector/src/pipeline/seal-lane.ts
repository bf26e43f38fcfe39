import { genesis } from '@vigie/evidence/header';
import type { Forward } from '@vigie/schemas';
import type { ForwardQueues, Wanted } from '../forward/queue.ts';
import { matches } from '../forward/rules.ts';
import type { Lane, Reception } from '../reception.ts';
import type { Verdict } from '../verdict.ts';
import type { SpoolEnvironment } from '../spool/environment.ts';
import { RangeBuffer } from '../spool/range-buffer.ts';
import { batchCount, batchReceivedAt, decodeBatch } from '../spool/record.ts';
import { fingerprintsOf } from './fingerprints.ts';
import { stateKeys, storedPlan, type Plan, type Redo } from './plan.ts';
import { dayOf } from './rotating-index.ts';
import { sealBlock, type SealContext } from './seal-block.ts';
import type { DuplicateWindow, KnownIdentities } from './window.ts';

/** When a range becomes a block. */
export interface SealLimits {
  readonly records: number;
  readonly bytes: number;
  readonly ageMs: number;
  /** Plans that may wait for the store. */
  readonly ahead: number;
}

/** Twice as many plans may wait as are stored at once (store/group.ts): some are made while others are stored. */
export const sealLimits: SealLimits = { records: 8000, bytes: 25_000_000, ageMs: 1000, ahead: 8 };

/** The batches that the next block will hold, as far as they are known. */
interface Tally {
  readonly from: number;
  next: number;
  records: number;
  bytes: number;
  oldest: number | undefined;
}

/**
 * Turns the log of one lane into plans. Invariants:
 * - a block is whole batches, in order, and a plan is written in one transaction with the fingerprints, identities, chain
 *   head and cursor that follow from it;
 * - what goes on to other repositories is queued in that transaction too: a queue neither misses a message nor repeats it;
 * - a plan made while the store took plans back (see store/drain.ts) is thrown away: the transaction finds another cursor.
 */
export class LaneSealer {
  readonly #lane: Lane;
  readonly #spool: SpoolEnvironment;
  readonly #context: SealContext;
  readonly #window: DuplicateWindow;
  readonly #known: KnownIdentities;
  readonly #forward: { readonly rules: readonly Forward[]; readonly queues: ForwardQueues } | undefined;
  readonly #limits: SealLimits;
  readonly #range = new RangeBuffer();
  #tally: Tally = { from: 0, next: 0, records: 0, bytes: 0, oldest: undefined };

  constructor(
    lane: Lane,
    parts: {
      readonly spool: SpoolEnvironment;
      readonly context: SealContext;
      readonly window: DuplicateWindow;
      readonly known: KnownIdentities;
      /** What goes on to other repositories; undefined when nothing does. */
      readonly forward?: { readonly rules: readonly Forward[]; readonly queues: ForwardQueues } | undefined;
      readonly limits?: SealLimits;
    }
  ) {
    this.#lane = lane;
    this.#spool = parts.spool;
    this.#context = parts.context;
    this.#window = parts.window;
    this.#known = parts.known;
    this.#forward = parts.forward;
    this.#limits = parts.limits ?? sealLimits;
  }

  /** True when everything below `durable` is sealed. */
  idle(durable: number): boolean {
    this.#spool.root.resetReadTxn();
    return this.#sealed() >= durable && this.#spool.state.get(stateKeys.redo(this.#lane)) === undefined;
  }

  #sealed(): number {
    return (this.#spool.state.get(stateKeys.sealed(this.#lane)) as number | undefined) ?? 1;
  }

  /**
   * Seals the next block if one is due.
   * @param durable first sequence that is not known to be on disk
   * @param now ms; says only whether a small block has waited long enough
   * @param flush seal whatever is there
   * @returns whether a plan was written
   */
  async seal(durable: number, now: number, flush = false): Promise<boolean> {
    const { root, plans, state } = this.#spool;
    root.resetReadTxn();
    const range = { start: [this.#lane, 0], end: [this.#lane, Number.MAX_SAFE_INTEGER] } as const;
    if (plans.getCount({ start: [...range.start], end: [...range.end] }) >= this.#limits.ahead) return false;
    const redo = state.get(stateKeys.redo(this.#lane)) as Redo | undefined;
    if (redo) this.#known.forget();
    const from = this.#sealed();
    const end = redo ? redo.last + 1 : this.#due(from, durable, now, flush);
    if (end === undefined) return false;
    const { records, bytes } = this.#read(from, end);
    if (records.length === 0) return false;
    const days = new Map(records.map(({ reception }) => [dayOf(reception.receivedAt), reception.receivedAt]));
    for (const at of days.values()) {
      await this.#window.open(at);
      await this.#known.open(at);
    }
    const previous = (state.get(stateKeys.chain(this.#lane)) as string | undefined) ?? genesis;
    const wanted: Wanted[] = [];
    const plan = sealBlock(
      { lane: this.#lane, records, spoolBytes: bytes, previous, redo, heard: this.#listener(wanted) },
      this.#context
    );
    return this.#write(plan, from, wanted);
  }

  /** Notes which targets want a message, where there are any. */
  #listener(wanted: Wanted[]) {
    const rules = this.#forward?.rules;
    if (rules === undefined) return undefined;
    return (seq: number, reception: Reception, verdict: Verdict) => {
      const targets = matches(rules, this.#lane, reception, verdict);
      if (targets.length > 0) wanted.push({ seq, reception, targets });
    };
  }

  /** End of the next block (the sequence after its last), or undefined while it may still grow. */
  #due(from: number, durable: number, now: number, flush: boolean): number | undefined {
    const { records, bytes, ageMs } = this.#limits;
    const batches = this.#spool.batches[this.#lane];
    if (this.#tally.from !== from)
      this.#tally = { from, next: from, records: 0, bytes: 0, oldest: undefined };
    const tally = this.#tally;
    const full = () => tally.records >= records || tally.bytes >= bytes;
    if (!full())
      for (const key of batches.getKeys({ start: tally.next, end: durable })) {
        const value = batches.getBinaryFast(key);
        if (value === undefined) break;
        tally.oldest ??= batchReceivedAt(value);
        tally.records += batchCount(value);
        tally.bytes += value.length;
        tally.next = key + batchCount(value);
        if (full()) break;
      }
    if (tally.oldest === undefined) return undefined;
    return full() || flush || now - tally.oldest >= ageMs ? tally.next : undefined;
  }

  #read(from: number, end: number): { records: { seq: number; reception: Reception }[]; bytes: number } {
    const records: { seq: number; reception: Reception }[] = [];
    let bytes = 0;
    const batches = this.#spool.batches[this.#lane];
    this.#range.begin(this.#tally.from === from ? this.#tally.bytes : 0);
    for (const key of batches.getKeys({ start: from, end })) {
      const value = batches.getBinaryFast(key);
      if (value === undefined) break;
      bytes += value.length;
      decodeBatch(this.#range.keep(value)).forEach((reception, i) =>
        records.push({ seq: key + i, reception })
      );
    }
    return { records, bytes };
  }

  async #write(plan: Plan, from: number, wanted: readonly Wanted[]): Promise<boolean> {
    const { root, plans, state } = this.#spool;
    return root.transaction(() => {
      if (this.#sealed() !== from || (state.get(stateKeys.chain(this.#lane)) ?? genesis) !== plan.previous)
        return false;
      void plans.put([this.#lane, plan.first], storedPlan(plan));
      for (const { day, fingerprint, value } of fingerprintsOf(plan.fingerprints))
        this.#window.put(day, fingerprint, value);
      for (const [month, key] of plan.identities) this.#known.put(month, key);
      void state.put(stateKeys.sealed(this.#lane), plan.last + 1);
      void state.put(stateKeys.chain(this.#lane), plan.head);
      void state.remove(stateKeys.redo(this.#lane));
      this.#forward?.queues.put(this.#lane, plan.last + 1, wanted);
      return true;
    });
  }
}
