import type { Act } from '../act.ts';
import { concerns } from '../expectation.ts';
import type { Header } from '../header.ts';
import { evidenceTables, type EvidenceTable } from '../row-order.ts';
import type { BlockTask, RangeTask } from './block-task.ts';
import type { StoredRecord } from './stored-record.ts';
import type { Chain } from './survey.ts';

/** A range is closed at so many records or blocks: enough for one question a table to be worth it, little enough to be held. */
const rangeRecords = 32_000;
const rangeBlocks = 2000;

/** Puts consecutive blocks together, without leaving a sequence between them out. */
export class RangeMaker {
  readonly #chain: Chain;
  readonly #inUse: ReadonlySet<EvidenceTable>;
  readonly #acts: readonly Act[];
  #blocks: BlockTask[] = [];
  #records = 0;
  #from = 0;
  #to = 0;

  constructor(chain: Chain, inUse: ReadonlySet<EvidenceTable>, acts: readonly Act[]) {
    this.#chain = chain;
    this.#inUse = inUse;
    this.#acts = acts;
  }

  startAt(seq: number): void {
    this.#from = seq;
  }

  /** @returns a range, when this block makes it full */
  add({ content, sums }: StoredRecord<Header>): RangeTask | undefined {
    // A second header of the same sequences was told already; its rows would be counted twice.
    if (content.first < this.#to) return undefined;
    const acts = this.#acts.filter((act) => concerns(act, content.first));
    this.#blocks.push({ header: content, sums, acts });
    this.#records += content.records;
    this.#to = content.last + 1;
    return this.#records >= rangeRecords || this.#blocks.length >= rangeBlocks ? this.rest() : undefined;
  }

  /** What is left over. */
  rest(): RangeTask | undefined {
    if (this.#blocks.length === 0) return undefined;
    const blocks = this.#blocks;
    const named = new Set([...this.#inUse, ...blocks.flatMap(({ header }) => Object.keys(header.rows))]);
    const { collector, lane } = this.#chain;
    const range = {
      collector,
      lane,
      from: this.#from,
      to: this.#to,
      blocks,
      tables: evidenceTables.filter((table) => named.has(table))
    };
    this.#blocks = [];
    this.#records = 0;
    this.#from = this.#to;
    return range;
  }
}
