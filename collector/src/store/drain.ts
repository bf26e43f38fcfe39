import { createHash } from 'node:crypto';
import { nativeBlock } from '@vigie/evidence/native';
import { decodeRow } from '@vigie/evidence/row-decode';
import { isFactTable } from '@vigie/schemas/fact-tables';
import { firstColumns, tables, type Columns, type TableName } from '@vigie/schemas/tables';
import { insertBinary, type ClickHouseClient } from '@vigie/store';
import type { PipelineEvent } from '../pipeline/event.ts';
import { fingerprintsOf } from '../pipeline/fingerprints.ts';
import { readPlan, stateKeys, type Plan, type PlannedInsert, type Redo } from '../pipeline/plan.ts';
import type { Lane } from '../reception.ts';
import { isCommitFailure } from '../spool/commit-failure.ts';
import type { SpoolEnvironment } from '../spool/environment.ts';
import { classifyFailure, refusedRow, withoutValues, type FailureVerdict } from './classify-failure.ts';
import { groupLimits, joinable, joinInserts, type JoinedInsert } from './group.ts';

/** Rows [from, to) of an insert that ClickHouse refused as one, and where they were cut: never sent as one again. */
type Split = readonly { readonly from: number; readonly to: number; readonly cuts: readonly number[] }[];

/** More bad rows than this in one block are no longer bad rows but a table that does not fit. */
const maxRefused = 200;
/** The first plan waits at most so long for others that are about to be made, ms. */
const gatherMs = 2000;

class InsertFailure extends Error {
  readonly table: TableName;
  readonly verdict: FailureVerdict;
  constructor(table: TableName, cause: unknown, verdict = classifyFailure(cause)) {
    super(`insert into ${table} failed`, { cause });
    this.table = table;
    // Only a fact can be put apart; a refusal of Vigie's own rows is a fault that someone has to look at.
    this.verdict = verdict === 'isolate' && !isFactTable(table) ? 'park' : verdict;
  }
}

/**
 * Stores the plans of one lane, in order; several at once while more come in than are stored. Invariants:
 * - the same bytes carry the same token, whatever crashed in between: which plans go together is noted on disk before any of them
 *   is sent, and a plan that may have been sent alone goes on alone;
 * - rows refused as one are split in two, the split noted on disk before a half is sent, until the bad rows stand alone;
 * - the facts of a block are all in before anything else of it is, so that a block whose rows were refused can be sealed
 *   again with those rows in quarantine, its good rows left as they are.
 */
export class LaneDrain {
  readonly #lane: Lane;
  readonly #spool: SpoolEnvironment;
  readonly #client: ClickHouseClient;
  readonly #tell: (event: PipelineEvent) => void;
  readonly #moreToCome: () => boolean;
  /** First sequence of the plan that was last sent alone, or may have been by a process before this one. */
  #alone: number | undefined;
  #gathering: { readonly first: number; readonly since: number } | undefined;

  /** @param needs.moreToCome whether another full block waits to be sealed */
  constructor(
    lane: Lane,
    needs: {
      readonly spool: SpoolEnvironment;
      readonly client: ClickHouseClient;
      readonly tell: (event: PipelineEvent) => void;
      readonly moreToCome: () => boolean;
    }
  ) {
    this.#lane = lane;
    this.#spool = needs.spool;
    this.#client = needs.client;
    this.#tell = needs.tell;
    this.#moreToCome = needs.moreToCome;
  }

  #plans(): [Lane, number][] {
    const range = { start: [this.#lane, 0], end: [this.#lane, Number.MAX_SAFE_INTEGER] } as const;
    return [...this.#spool.plans.getKeys({ start: [...range.start], end: [...range.end] })];
  }

  /** True when no plan waits. */
  get idle(): boolean {
    this.#spool.root.resetReadTxn();
    return this.#plans().length === 0;
  }

  /** Stores the oldest plans, if there are some, and forgets them: `idle` nothing to do yet, `stored`, or the verdict of a failure. */
  async store(): Promise<'idle' | 'stored' | FailureVerdict> {
    try {
      return await this.#store();
    } catch (error) {
      // What was inserted is inserted: sent again with the same token it stays one.
      if (!isCommitFailure(error)) throw error;
      const message = 'the spool cannot be written: its disk is full or broken';
      this.#tell({ kind: 'failed', lane: this.#lane, verdict: 'park', table: 'spool', message });
      return 'park';
    }
  }

  async #store(): Promise<'idle' | 'stored' | FailureVerdict> {
    this.#spool.root.resetReadTxn();
    const plans = await this.#next();
    const [plan] = plans;
    if (plan === undefined) return 'idle';
    const started = performance.now();
    try {
      if (plans.length > 1) for (const insert of joinInserts(plans)) await this.#sendJoined(insert);
      else if (!(await this.#storeAlone(plan))) return 'isolate';
    } catch (error) {
      if (!(error instanceof InsertFailure)) throw error;
      if (plans.length > 1 && error.verdict === 'isolate') {
        // Nothing of these plans is in yet, since facts of one table are all the facts they have.
        this.#alone = plan.first;
        await this.#spool.state.remove(stateKeys.group(this.#lane));
        return 'isolate';
      }
      this.#tellFailure(error);
      return error.verdict;
    }
    await this.#advance(plans);
    const ms = performance.now() - started;
    for (const { lane, first, last, records, spoolBytes, previous, head, counts, from, to } of plans) {
      const told = { lane, first, last, records, spoolBytes, previous, head, counts, from, to };
      this.#tell({ kind: 'stored', lane, plan: told, ms });
    }
    return 'stored';
  }

  /** The plans to store now: those begun with, else as many as go together; none while more of them are about to come. */
  async #next(): Promise<Plan[]> {
    const { plans, state } = this.#spool;
    const read = (first: number) => readPlan(plans.get([this.#lane, first]));
    const waiting = this.#plans().map(([, first]) => first);
    const [first] = waiting;
    if (first === undefined) return [];
    const begun = state.get(stateKeys.group(this.#lane)) as number[] | undefined;
    if (begun) return begun.map(read);
    this.#alone ??= first;
    if (this.#alone === first) return [read(first)];
    if (waiting.length < groupLimits.plans && this.#moreToCome() && this.#mayGather(first)) return [];
    const together = joinable(waiting.values().map(read));
    if (together.length > 1)
      await state.put(stateKeys.group(this.#lane), together.map((one) => one.first)); // prettier-ignore
    else this.#alone = first;
    return together;
  }

  #mayGather(first: number): boolean {
    if (this.#gathering?.first !== first) this.#gathering = { first, since: performance.now() };
    return performance.now() - this.#gathering.since < gatherMs;
  }

  /** @returns false when rows were refused and the plan taken back */
  async #storeAlone(plan: Plan): Promise<boolean> {
    const refused: Redo['refused'][number][] = [];
    for (const insert of plan.inserts.filter(({ table, done }) => isFactTable(table) && !done))
      refused.push(...(await this.#insertFacts(insert)));
    if (refused.length > 0) {
      this.#tell({
        kind: 'failed',
        lane: this.#lane,
        verdict: 'isolate',
        table: refused[0]?.table ?? '',
        message: `${refused.length} rows refused`
      });
      await this.#takeBack({ first: plan.first, last: plan.last, refused });
      return false;
    }
    for (const insert of plan.inserts.filter(({ table }) => !isFactTable(table)))
      await this.#send(insert, 0, insert.rows);
    return true;
  }

  /** Inserts the rows of a fact table, but for those that are refused alone. @returns the records these belong to */
  async #insertFacts(insert: PlannedInsert): Promise<Redo['refused'][number][]> {
    const splitKey = stateKeys.split(this.#lane, insert.table);
    let split = (this.#spool.state.get(splitKey) as Split | undefined) ?? [];
    const refused: Redo['refused'][number][] = [];
    const work: [number, number][] = [[0, insert.rows]];
    for (let range = work.shift(); range; range = work.shift()) {
      const [from, to] = range;
      const known = split.find((one) => one.from === from && one.to === to);
      if (known) {
        work.unshift(...parts(from, to, known.cuts));
        continue;
      }
      try {
        await this.#send(insert, from, to);
      } catch (error) {
        if (!(error instanceof InsertFailure) || error.verdict !== 'isolate') throw error;
        if (to - from === 1) {
          refused.push({ table: insert.table, ...placeOf(insert, from) });
          if (refused.length > maxRefused) throw new InsertFailure(insert.table, error.cause, 'park');
          continue;
        }
        const cuts = cutsOf(from, to, refusedRow(error.cause));
        split = [...split, { from, to, cuts }];
        await this.#spool.state.put(splitKey, split);
        work.unshift(...parts(from, to, cuts));
      }
    }
    return refused;
  }

  async #send(insert: PlannedInsert, from: number, to: number): Promise<void> {
    const { offsets, rows, token } = insert;
    const whole = from === 0 && to === rows;
    // The token names the rows as they were signed; Native is the same rows in the form that ClickHouse takes in most cheaply.
    const signed = insert.body.subarray(offsets[from], offsets[to]);
    const part = whole ? '' : `:${createHash('sha256').update(signed).digest('hex').slice(0, 32)}`;
    await this.#insert({ table: insert.table, columns: insert.columns, token: token + part }, [
      native(insert, from, to)
    ]);
  }

  /** Block after block in one body: made one by one, as they are sent. */
  #sendJoined(insert: JoinedInsert): Promise<void> {
    return this.#insert(insert, insert.parts.values().map((part) => native(part, 0, part.rows))); // prettier-ignore
  }

  async #insert(
    { table, token, columns = firstColumns(table) }: Pick<JoinedInsert, 'table' | 'token' | 'columns'>,
    blocks: Iterable<Buffer>
  ): Promise<void> {
    try {
      await insertBinary(this.#client, { table, columns, format: 'Native', body: blocks, token });
    } catch (error) {
      throw new InsertFailure(table, error);
    }
  }

  async #advance(stored: readonly Plan[]): Promise<void> {
    const { root, plans, batches, state } = this.#spool;
    await root.transaction(() => {
      for (const { first, inserts } of stored) {
        void plans.remove([this.#lane, first]);
        for (const { table } of inserts)
          if (isFactTable(table)) void state.remove(stateKeys.split(this.#lane, table));
      }
      for (const key of batches[this.#lane].getKeys({ end: (stored.at(-1)?.last ?? -1) + 1 }))
        void batches[this.#lane].remove(key);
      void state.remove(stateKeys.group(this.#lane));
    });
  }

  /** Takes back this plan and those after it, and notes which rows to put apart when the range is sealed again. */
  async #takeBack(redo: Redo): Promise<void> {
    const { root, plans, state, index } = this.#spool;
    const keys = this.#plans();
    const undone = keys.map((key) => readPlan(plans.get(key)));
    await root.transaction(() => {
      // The worker may have sealed one more meanwhile; its cursor is behind the same first plan.
      for (const key of this.#plans()) {
        const plan = undone[keys.findIndex(([, first]) => first === key[1])] ?? readPlan(plans.get(key));
        for (const { day, fingerprint } of fingerprintsOf(plan.fingerprints))
          void index(`seen-${day}`).remove(fingerprint);
        for (const [month, identity] of plan.identities) void index(`identity-${month}`).remove(identity);
        void plans.remove(key);
      }
      void state.put(stateKeys.redo(this.#lane), redo);
      void state.put(stateKeys.sealed(this.#lane), redo.first);
      void state.put(stateKeys.chain(this.#lane), undone[0]?.previous);
    });
  }

  #tellFailure({ table, verdict, cause }: InsertFailure): void {
    this.#tell({ kind: 'failed', lane: this.#lane, verdict, table, message: withoutValues(cause) });
  }
}

/** Rows [from, to) of an insert as one block of Native. */
function native(
  { table, body, offsets, columns = firstColumns(table) }: PlannedInsert,
  from: number,
  to: number
): Buffer {
  return nativeBlock({ columns: typed(table, columns), body, offsets }, from, to);
}

function typed(table: TableName, columns: readonly string[]): Columns {
  const types: Columns = tables[table];
  return Object.fromEntries(columns.map((name) => [name, types[name] ?? 'String']));
}

/** The record a row of facts comes from, as the row itself tells. */
function placeOf({ table, body, offsets, columns }: PlannedInsert, at: number): { seq: number; sub: number } {
  const types = typed(table, columns ?? firstColumns(table));
  const row = decodeRow(types, body.subarray(offsets[at], offsets[at + 1]));
  return { seq: Number(row['seq']), sub: Number(row['sub']) };
}

/** Where to cut a refused range: around the row that was named, else in the middle. */
function cutsOf(from: number, to: number, named: number | undefined): number[] {
  const row = from + (named ?? -1);
  const cuts = named === undefined || row >= to ? [(from + to) >> 1] : [row, row + 1];
  return cuts.filter((cut) => cut > from && cut < to);
}

function parts(from: number, to: number, cuts: readonly number[]): [number, number][] {
  const bounds = [from, ...cuts, to];
  return bounds.slice(1).map((bound, i) => [bounds[i] ?? from, bound]);
}
