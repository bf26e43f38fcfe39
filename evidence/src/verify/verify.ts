import { createReader, type ClickHouseClient, type StoreAddress } from '@vigie/store';
import type { Act } from '../act.ts';
import { verifyDerived } from '../derived/verify-derived.ts';
import type { Head } from '../head/head.ts';
import type { Header } from '../header.ts';
import type { KeyRing } from '../key-ring.ts';
import type { EvidenceTable } from '../row-order.ts';
import type { RangeTask } from './block-task.ts';
import { chainStart, followActs, followHeader } from './chain.ts';
import { checkHead } from './check-head.ts';
import { Pool } from './pool.ts';
import { raceAbort } from './race-abort.ts';
import { RangeMaker } from './range-maker.ts';
import { Gatherer, type ChainReport, type Progress, type Report } from './report.ts';
import { rowsBehind } from './rows-behind.ts';
import { asAct, asHeader, storedRows, told, unreadable, type StoredRecord } from './stored-record.ts';
import { anchorBefore, chainsOf, tablesInUse, type Bounds, type Chain } from './survey.ts';

export interface VerifyOptions {
  readonly store: StoreAddress;
  readonly ring: KeyRing;
  /** Private key of the vault (PEM): level 2 when it is given, else level 1. */
  readonly vaultKey?: string | undefined;
  /** Blocks sealed from `from` on and before `to`, ms since 1970; all when left out. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly lanes?: readonly string[] | undefined;
  /** A head kept elsewhere. */
  readonly head?: Head | undefined;
  /** Compares what ClickHouse derives (narrow tables, sums) with its rows too; only where all lanes are verified. */
  readonly derived?: boolean | undefined;
  /** Threads that hash. */
  readonly jobs: number;
  /** Leaves the machine to others: threads rank behind, and rest for as long as they worked. */
  readonly gentle?: boolean | undefined;
  readonly signal: AbortSignal;
  readonly progress?: (progress: Progress) => void;
  /** How long rows may wait for the header that vouches for them, ms: those of a block that is being stored. */
  readonly patienceMs?: number;
}

/**
 * Verifies everything in a period: chains, signatures, acts, raw objects, rows; with the vault's key every message.
 * Nothing it finds makes it stop. @throws when ClickHouse cannot be asked
 */
export async function verifyEvidence(options: VerifyOptions): Promise<Report> {
  const client = createReader(options.store, 'vigie-verify');
  const pool = new Pool(options.jobs, {
    store: options.store,
    vaultKey: options.vaultKey,
    gentle: options.gentle ?? false
  });
  const started = performance.now();
  const run = new Verification(options, client, pool);
  try {
    await run.all();
  } catch (error) {
    if (!options.signal.aborted) throw error;
  } finally {
    await Promise.all([pool.close(), client.close()]);
  }
  const { findings, found, notices } = run.gathered;
  const cancelled = options.signal.aborted;
  return {
    level: options.vaultKey === undefined ? 1 : 2,
    ...(options.from !== undefined && { from: options.from }),
    ...(options.to !== undefined && { to: options.to }),
    good: found === 0 && !cancelled,
    cancelled,
    chains: run.chains,
    findings,
    found,
    notices,
    seconds: (performance.now() - started) / 1000
  };
}

class Verification {
  readonly gathered = new Gatherer();
  readonly chains: ChainReport[] = [];
  readonly #options: VerifyOptions;
  readonly #bounds: Bounds;
  readonly #client: ClickHouseClient;
  readonly #pool: Pool;
  #of = { blocks: 0, records: 0 };
  #done = { blocks: 0, records: 0 };

  constructor(options: VerifyOptions, client: ClickHouseClient, pool: Pool) {
    this.#options = options;
    this.#bounds = { from: options.from, to: options.to };
    this.#client = client;
    this.#pool = pool;
  }

  async all(): Promise<void> {
    const { signal, lanes, head, ring } = this.#options;
    const used = await tablesInUse(this.#client, signal);
    const chains = (await chainsOf(this.#client, this.#bounds, signal)).filter(
      ({ lane }) => lanes === undefined || lanes.includes(lane)
    );
    for (const { blocks, records } of chains)
      this.#of = { blocks: this.#of.blocks + blocks, records: this.#of.records + records };
    this.#tell();
    await this.#unreadable();
    for (const chain of chains)
      await this.#chain(chain, used.get(`${chain.collector}\0${chain.lane}`) ?? new Set());
    if (lanes === undefined) await this.#strangers(used);
    if (lanes === undefined && this.#options.derived) await this.#derived();
    if (!head)
      for (const { collector, lane, last } of this.chains)
        this.gathered.notice({
          code: 'truncation-not-excluded',
          collector,
          lane,
          detail: `after sequence ${last}`
        });
    else {
      const checked = await checkHead(this.#client, head, ring, signal);
      this.gathered.find(...checked.findings);
      this.gathered.notice(...checked.notices);
    }
  }

  /** Where base rows are at fault, or about to change, what is derived of them says nothing more. */
  async #derived(): Promise<void> {
    const told = [
      ...this.gathered.findings,
      ...this.gathered.notices.filter(({ code }) => code === 'act-announced')
    ];
    const { signal, patienceMs = 15_000 } = this.#options;
    const skip = new Set(told.flatMap(({ table }) => table ?? []));
    this.gathered.find(
      ...(await verifyDerived(this.#client, this.#bounds, skip, { signal, pauseMs: patienceMs / 10 }))
    );
  }

  #tell(): void {
    this.#options.progress?.({
      ...this.#done,
      ofBlocks: this.#of.blocks,
      ofRecords: this.#of.records,
      findings: this.gathered.found
    });
  }

  /** Rows of audit.block that are neither header nor act belong to no chain. */
  async #unreadable(): Promise<void> {
    const where = {
      condition: `NOT ${told.isHeader} AND NOT ${told.isAct}`,
      order: 'collector, lane, block',
      params: {}
    };
    for await (const row of storedRows(this.#client, where, this.#options.signal))
      this.gathered.find(unreadable(row));
  }

  async #chain(chain: Chain, inUse: ReadonlySet<EvidenceTable>): Promise<void> {
    const { signal, ring } = this.#options;
    const acts = await this.#acts(chain);
    this.gathered.find(...followActs(acts, ring));
    const { from, to } = this.#bounds;
    const anchor = from === undefined ? undefined : await anchorBefore(this.#client, chain, from, signal);
    const ranges = new RangeMaker(
      chain,
      inUse,
      acts.map(({ content }) => content)
    );
    const results: Promise<void>[] = [];
    let state = chainStart;
    let rows = 0;
    let first: Header | undefined;
    let failure: Error | undefined;
    const check = async (task: RangeTask | undefined) => {
      if (!task) return;
      const { result } = await this.#pool.submit(task);
      const settled = result.then(({ counts, findings, notices }) => {
        rows += counts.rows;
        this.#done = {
          blocks: this.#done.blocks + counts.blocks,
          records: this.#done.records + counts.records
        };
        this.gathered.find(...findings);
        this.gathered.notice(...notices);
        this.#tell();
      });
      // Awaited below; until then a failure must not count as unhandled.
      settled.catch((error: Error) => (failure ??= error));
      results.push(settled);
    };
    for await (const record of this.#headers(chain, anchor)) {
      if (failure) throw failure;
      const anchored = record.content.first === anchor;
      const step = followHeader(state, record, ring, { anchored });
      state = step.state;
      if (anchored) {
        ranges.startAt(record.content.last + 1);
        continue;
      }
      first ??= record.content;
      this.gathered.find(...step.findings, ...strayActs(acts, record));
      this.gathered.notice(...step.notices);
      await check(ranges.add(record));
    }
    await check(ranges.rest());
    await raceAbort(Promise.all(results), signal);
    const last = state.last;
    if (!last || !first) return;
    const { collector, lane } = chain;
    this.chains.push({
      collector,
      lane,
      blocks: chain.blocks,
      records: chain.records,
      rows,
      first: first.first,
      last: last.content.last,
      from: first.sealed_at,
      to: last.content.sealed_at,
      head: last.hash,
      acts: acts.length,
      keys: state.keys
    });
    if (to === undefined) await this.#tail(chain, last.content.last + 1, inUse);
  }

  async #acts({ collector, lane }: Chain): Promise<StoredRecord<Act>[]> {
    const condition = `${told.isAct} AND ${told.collector} = {collector:String} AND ${told.lane} = {lane:String}`;
    const where = { condition, order: told.number, params: { collector, lane } };
    const acts: StoredRecord<Act>[] = [];
    for await (const row of storedRows(this.#client, where, this.#options.signal)) {
      const { record, findings } = asAct(row);
      this.gathered.find(...findings);
      if (record) acts.push(record);
    }
    return acts;
  }

  async *#headers(
    { collector, lane }: Chain,
    anchor: number | undefined
  ): AsyncGenerator<StoredRecord<Header>> {
    const { from, to } = this.#bounds;
    const condition = `${told.isHeader} AND ${told.collector} = {collector:String} AND ${told.lane} = {lane:String}
      AND (${told.sealedAt} >= {from:UInt64} OR ${told.first} = {anchor:UInt64}) AND ${told.sealedAt} < {to:UInt64}`;
    const where = {
      condition,
      order: `${told.first}, block, kind`,
      params: { collector, lane, from: from ?? 0, to: to ?? Number.MAX_SAFE_INTEGER, anchor: anchor ?? 0 }
    };
    for await (const row of storedRows(this.#client, where, this.#options.signal)) {
      const { record, findings } = asHeader(row);
      this.gathered.find(...findings);
      if (record) yield record;
    }
  }

  async #tail(chain: Chain, end: number, inUse: ReadonlySet<EvidenceTable>): Promise<void> {
    const { signal, patienceMs = 15_000 } = this.#options;
    this.gathered.find(...(await rowsBehind(this.#client, chain, end, inUse, { signal, patienceMs })));
  }

  /** Rows of lanes that have no header at all. */
  async #strangers(used: ReadonlyMap<string, ReadonlySet<EvidenceTable>>): Promise<void> {
    const known = await chainsOf(this.#client, {}, this.#options.signal);
    for (const [name, tables] of used) {
      const [collector = '', lane = ''] = name.split('\0');
      if (known.some((one) => one.collector === collector && one.lane === lane)) continue;
      await this.#tail({ collector, lane, blocks: 0, records: 0 }, 0, tables);
    }
  }
}

/** Acts whose `header` is not the hash of the block they name. */
function strayActs(acts: readonly StoredRecord<Act>[], { content, hash }: StoredRecord<Header>) {
  return acts
    .filter((act) => act.content.block === content.first && act.content.header !== hash)
    .map((act) => ({
      code: 'act-altered' as const,
      collector: content.collector,
      lane: content.lane,
      block: content.first,
      detail: `${act.content.kind} number ${act.content.number} is about another header`
    }));
}
