import { insertBinary, type ClickHouseClient } from '@vigie/store';
import { tables } from '@vigie/schemas/tables';
import type { Lane, Reception } from '../reception.ts';
import { batchCount, decodeBatch } from '../spool/record.ts';
import type { SpoolEnvironment } from '../spool/environment.ts';
import { genesis } from '../evidence/header.ts';
import { classifyFailure, refusedRow, type FailureVerdict } from '../store/classify-failure.ts';
import type { Plan, PlannedInsert, Redo } from './plan.ts';
import { sealBlock, type SealContext } from './seal-block.ts';

/** When a range becomes a block. */
export interface SealLimits {
  readonly records: number;
  readonly bytes: number;
  readonly ageMs: number;
  /** Plans sealed ahead of the store. */
  readonly ahead: number;
}

export const sealLimits: SealLimits = { records: 8000, bytes: 25_000_000, ageMs: 1000, ahead: 2 };

/** What a lane tells the receivers' thread. */
export type LaneEvent =
  | {
      readonly kind: 'stored';
      readonly lane: Lane;
      readonly plan: Omit<Plan, 'inserts' | 'fingerprints' | 'identities'>;
      readonly ms: number;
    }
  | {
      readonly kind: 'failed';
      readonly lane: Lane;
      readonly verdict: FailureVerdict;
      readonly table: string;
      readonly message: string;
    };

/** One insert was refused. */
class InsertFailure extends Error {
  readonly insert: PlannedInsert;
  constructor(insert: PlannedInsert, cause: unknown) {
    super(`insert into ${insert.table} failed`, { cause });
    this.insert = insert;
  }
}

/**
 * Takes one lane from spool to store. Invariants:
 * - a plan is written in one transaction with the fingerprints, identities, chain head and cursor that follow from it;
 * - plans are stored in order, and the same bytes are sent again until ClickHouse answers;
 * - only a definite refusal makes another plan, over the same range.
 */
export class LanePipeline {
  readonly #lane: Lane;
  readonly #spool: SpoolEnvironment;
  readonly #context: SealContext;
  readonly #client: ClickHouseClient;
  readonly #limits: SealLimits;
  readonly #tell: (event: LaneEvent) => void;
  #outstanding = 0;

  constructor(
    lane: Lane,
    parts: {
      readonly spool: SpoolEnvironment;
      readonly context: SealContext;
      readonly client: ClickHouseClient;
      readonly limits?: SealLimits;
      readonly tell: (event: LaneEvent) => void;
    }
  ) {
    this.#lane = lane;
    this.#spool = parts.spool;
    this.#context = parts.context;
    this.#client = parts.client;
    this.#limits = parts.limits ?? sealLimits;
    this.#tell = parts.tell;
    this.#outstanding = this.#plans().length;
  }

  #plans(): [Lane, number][] {
    return [
      ...this.#spool.plans.getKeys({ start: [this.#lane, 0], end: [this.#lane, Number.MAX_SAFE_INTEGER] })
    ];
  }

  /** True when nothing waits, neither to be sealed (below `durable`) nor to be stored. */
  idle(durable: number): boolean {
    return this.#outstanding === 0 && this.#sealed() >= durable;
  }

  #sealed(): number {
    return (this.#spool.state.get(`sealed:${this.#lane}`) as number | undefined) ?? 1;
  }

  /**
   * Seals the next block if one is due.
   * @param durable first sequence that is not known to be on disk
   * @param now ms; decides only whether a small block has waited long enough
   * @param flush seal whatever is there
   * @returns whether a plan was written
   */
  async seal(durable: number, now: number, flush = false): Promise<boolean> {
    if (this.#outstanding >= this.#limits.ahead) return false;
    const redo = this.#spool.state.get(`redo:${this.#lane}`) as Redo | undefined;
    const from = this.#sealed();
    const records: { seq: number; reception: Reception }[] = [];
    let bytes = 0;
    let full = false;
    for (const { key, value } of this.#spool.batches[this.#lane].getRange({
      start: this.#firstBatch(from),
      end: redo ? redo.last + 1 : durable
    })) {
      const copy = Buffer.from(value);
      decodeBatch(copy).forEach((reception, i) => {
        const seq = key + i;
        if (seq < from || (redo && seq > redo.last) || full) return;
        records.push({ seq, reception });
        bytes += reception.raw.length + 64;
        if (!redo && (records.length >= this.#limits.records || bytes >= this.#limits.bytes)) full = true;
      });
      if (full) break;
    }
    const oldest = records[0]?.reception.receivedAt;
    if (oldest === undefined) return false;
    if (!full && !flush && !redo && now - oldest < this.#limits.ageMs) return false;
    const previous = (this.#spool.state.get(`chain:${this.#lane}`) as string | undefined) ?? genesis;
    const plan = sealBlock(
      { lane: this.#lane, records, spoolBytes: bytes, previous, refused: redo?.refused ?? [] },
      this.#context
    );
    this.#outstanding++;
    await this.#write(plan);
    return true;
  }

  /** The batch that holds `seq`: its key is the last one not above it. */
  #firstBatch(seq: number): number {
    for (const key of this.#spool.batches[this.#lane].getKeys({ start: seq, reverse: true, limit: 1 }))
      return key;
    return seq;
  }

  async #write(plan: Plan): Promise<void> {
    const { root, plans, state, identities } = this.#spool;
    await root.transaction(() => {
      void plans.put([this.#lane, plan.first], plan);
      plan.fingerprints.forEach(([day, fingerprint, seq]) => {
        const value = Buffer.alloc(8);
        value.writeDoubleBE(seq);
        void this.#spool.seen(day).put(fingerprint, value);
      });
      for (const key of plan.identities) void identities.put(key, Buffer.alloc(0));
      void state.put(`sealed:${this.#lane}`, plan.last + 1);
      void state.put(`chain:${this.#lane}`, plan.head);
      void state.remove(`redo:${this.#lane}`);
    });
  }

  /**
   * Stores the oldest plan, if there is one, and forgets it. Resolves to what the caller should do next:
   * `idle` nothing to store, `stored` go on, or the verdict of a failure.
   */
  async store(): Promise<'idle' | 'stored' | FailureVerdict> {
    const [key] = this.#plans();
    if (!key) return 'idle';
    const plan = this.#spool.plans.get(key) as Plan;
    const started = performance.now();
    try {
      for (const insert of plan.inserts) await this.#insert(insert);
    } catch (error) {
      if (!(error instanceof InsertFailure)) throw error;
      const verdict = classifyFailure(error.cause);
      const cause = error.cause instanceof Error ? error.cause.message : String(error.cause);
      this.#tell({
        kind: 'failed',
        lane: this.#lane,
        verdict,
        table: error.insert.table,
        message: withoutValues(cause)
      });
      if (verdict === 'isolate') await this.#redo(plan, error);
      return verdict;
    }
    await this.#advance(plan);
    const { inserts, fingerprints, identities, ...told } = plan;
    void [inserts, fingerprints, identities];
    this.#tell({ kind: 'stored', lane: this.#lane, plan: told, ms: performance.now() - started });
    return 'stored';
  }

  async #insert(insert: PlannedInsert): Promise<void> {
    try {
      const { table, body, token } = insert;
      await insertBinary(this.#client, {
        table,
        columns: Object.keys(tables[table]),
        format: 'RowBinary',
        body: Buffer.from(body),
        token
      });
    } catch (error) {
      throw new InsertFailure(insert, error);
    }
  }

  async #advance(plan: Plan): Promise<void> {
    const { root, plans, batches } = this.#spool;
    await root.transaction(() => {
      void plans.remove([this.#lane, plan.first]);
      for (const key of batches[this.#lane].getKeys({ end: plan.last + 1 })) {
        const value = batches[this.#lane].getBinaryFast(key);
        if (value && key + batchCount(value) - 1 <= plan.last) void batches[this.#lane].remove(key);
      }
    });
    this.#outstanding--;
  }

  /** Takes back this plan and those after it, and notes which row to leave out when the range is sealed again. */
  async #redo(plan: Plan, failure: InsertFailure): Promise<void> {
    const { root, plans, state, identities } = this.#spool;
    const { table, origins = [] } = failure.insert;
    const row = refusedRow(failure.cause);
    // Without a row number every row of the table is suspect; they all stay findable, in quarantine.
    const suspects = row === undefined ? origins : origins.slice(row, row + 1);
    const already = (state.get(`refused:${this.#lane}:${plan.first}`) as Redo['refused'] | undefined) ?? [];
    const refused = [...already, ...suspects.map(([seq, sub]) => ({ table, seq, sub }))];
    const later = this.#plans();
    await root.transaction(() => {
      for (const key of later) {
        const undone = plans.get(key) as Plan;
        for (const [day, fingerprint] of undone.fingerprints) void this.#spool.seen(day).remove(fingerprint);
        for (const identity of undone.identities) void identities.remove(identity);
        void plans.remove(key);
      }
      const redo: Redo = { first: plan.first, last: plan.last, refused };
      void state.put(`redo:${this.#lane}`, redo);
      void state.put(`refused:${this.#lane}:${plan.first}`, refused);
      void state.put(`sealed:${this.#lane}`, plan.first);
      void state.put(`chain:${this.#lane}`, plan.previous);
    });
    this.#outstanding = 0;
  }
}

/** ClickHouse quotes the values it could not read: they stay out of our logs. */
function withoutValues(message: string): string {
  const code = /Code: \d+/.exec(message)?.[0];
  const name = /\(([A-Z_]{4,})\)/.exec(message)?.[1];
  return code ? `${code}${name ? ` ${name}` : ''}` : (message.split('\n')[0] ?? '').slice(0, 200);
}
