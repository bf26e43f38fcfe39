import { clickhouseErrorCode, type ClickHouseClient } from '@vigie/store';
import type { EvidenceTable } from '../row-order.ts';
import { expectedOf, type Counts, type Expected, type RangeTask } from './block-task.ts';
import { maxPerBlock, type Finding, type Notice } from './finding.ts';
import { judgeMessages, judgeRawHash, rawObjectOf, type RawObject } from './judge-raw.ts';
import { judgeTable, noRows, ofBlocks, type FoundRows } from './judge-table.ts';
import { scanRows } from './scan.ts';

export interface RangeResult {
  readonly counts: Counts;
  readonly findings: readonly Finding[];
  readonly notices: readonly Notice[];
}

/** ClickHouse's codes for a question that was too large: half of it may not be. */
const tooLarge: ReadonlySet<number | undefined> = new Set([159, 241]);

/**
 * Checks a range of blocks against what ClickHouse holds today: every row of every table, every raw object, and with the vault's
 * key (PEM) every message. Holds one block's hashes of one table, and one raw object, at a time.
 */
export async function verifyRange(
  client: ClickHouseClient,
  range: RangeTask,
  vaultKey: string | undefined
): Promise<RangeResult> {
  try {
    return await new RangeCheck(client, range, vaultKey).run();
  } catch (error) {
    const { blocks } = range;
    const middle = blocks[blocks.length >> 1];
    if (!tooLarge.has(clickhouseErrorCode(error)) || blocks.length < 2 || !middle) throw error;
    const cut = middle.header.first;
    const halves = [
      { ...range, to: cut, blocks: blocks.slice(0, blocks.length >> 1) },
      { ...range, from: cut, blocks: blocks.slice(blocks.length >> 1) }
    ];
    const results = [];
    for (const half of halves) results.push(await verifyRange(client, half, vaultKey));
    return sumResults(results);
  }
}

function sumResults(results: readonly RangeResult[]): RangeResult {
  const total = (of: (counts: Counts) => number) => results.reduce((sum, { counts }) => sum + of(counts), 0);
  return {
    counts: {
      blocks: total(({ blocks }) => blocks),
      records: total(({ records }) => records),
      rows: total(({ rows }) => rows),
      bytes: total(({ bytes }) => bytes)
    },
    findings: results.flatMap(({ findings }) => findings),
    notices: results.flatMap(({ notices }) => notices)
  };
}

class RangeCheck {
  readonly #client: ClickHouseClient;
  readonly #range: RangeTask;
  readonly #vaultKey: string | undefined;
  readonly #expected: ReadonlyMap<number, Expected>;
  readonly #findings: Finding[] = [];
  readonly #notices: Notice[] = [];
  /** Level 2: sequences of each block's rows, of all tables. */
  readonly #seqs = new Map<number, Set<number>>();
  #rows = 0;
  #bytes = 0;

  constructor(client: ClickHouseClient, range: RangeTask, vaultKey: string | undefined) {
    this.#client = client;
    this.#range = range;
    this.#vaultKey = vaultKey;
    this.#expected = new Map(range.blocks.map((block) => [block.header.first, expectedOf(block)]));
  }

  async run(): Promise<RangeResult> {
    // Raw objects last: level 2 compares their messages with the rows of all other tables.
    for (const table of this.#range.tables) if (table !== 'vault.raw_block') await this.#table(table);
    await this.#table('vault.raw_block');
    const records = this.#range.blocks.reduce((sum, { header }) => sum + header.records, 0);
    return {
      counts: { blocks: this.#range.blocks.length, records, rows: this.#rows, bytes: this.#bytes },
      findings: this.#findings,
      notices: this.#notices
    };
  }

  async #table(table: EvidenceTable): Promise<void> {
    const met = new Set<number>();
    let block: number | undefined;
    let found = noRows();
    const close = () => {
      if (block === undefined) return;
      met.add(block);
      this.#judge(table, block, found);
      found = noRows();
    };
    this.#bytes += await scanRows(this.#client, table, this.#range, (at, seq, sub, leaf, bytes) => {
      if (at !== block) close();
      block = at;
      this.#rows++;
      found.leaves.push(leaf);
      found.seqs.push(seq);
      found.subs.push(sub);
      if (table === 'vault.raw_block') this.#raw(at, bytes);
    });
    close();
    for (const first of this.#expected.keys()) if (!met.has(first)) this.#judge(table, first, noRows());
  }

  #judge(table: EvidenceTable, block: number, found: FoundRows): void {
    const expected = this.#expected.get(block);
    if (!expected) {
      const { collector, lane } = this.#range;
      const detail = `${found.leaves.length} rows`;
      this.#findings.push({ collector, lane, block, table, code: 'rows-without-block', detail });
      return;
    }
    const { findings, notices } = judgeTable(expected, table, found);
    this.#findings.push(...findings);
    this.#notices.push(...notices);
    if (this.#vaultKey !== undefined && !ofBlocks.has(table)) {
      const seqs = this.#seqs.get(block) ?? new Set();
      for (const seq of found.seqs) seqs.add(seq);
      this.#seqs.set(block, seqs);
    }
  }

  #raw(block: number, row: Buffer): void {
    const expected = this.#expected.get(block);
    if (!expected) return;
    let raw: RawObject;
    try {
      raw = rawObjectOf(row);
    } catch {
      return;
    }
    this.#findings.push(...judgeRawHash(expected, raw));
    if (this.#vaultKey === undefined) return;
    const seqs = this.#seqs.get(block) ?? new Set();
    this.#findings.push(...judgeMessages(expected, raw, this.#vaultKey, seqs).slice(0, maxPerBlock));
    this.#seqs.delete(block);
  }
}
