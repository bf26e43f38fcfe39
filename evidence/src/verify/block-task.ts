import type { Act } from '../act.ts';
import { afterAct, asSealed, concerns, type Expectation } from '../expectation.ts';
import type { Header } from '../header.ts';
import type { EvidenceTable } from '../row-order.ts';
import { unpackSums } from '../sums.ts';

/** One block to be checked: what its signed header says, and the acts about it. */
export interface BlockTask {
  readonly header: Header;
  readonly sums: Uint8Array;
  readonly acts: readonly Act[];
}

/** Consecutive blocks of one lane, and every sequence from `from` (in) to `to` (out): rows of other blocks there are additions. */
export interface RangeTask {
  readonly collector: string;
  readonly lane: string;
  readonly from: number;
  readonly to: number;
  readonly blocks: readonly BlockTask[];
  /** Tables to look into: all that hold a row of this lane, and all that a header names. */
  readonly tables: readonly EvidenceTable[];
}

/** What a range came to. */
export interface Counts {
  readonly blocks: number;
  readonly records: number;
  readonly rows: number;
  readonly bytes: number;
}

/** What is expected of a block: as it is now, as it was before its last act (which may not be carried out yet), and its sums. */
export interface Expected {
  readonly header: Header;
  readonly now: Expectation;
  readonly before: Expectation | undefined;
  readonly sums: ReadonlyMap<string, readonly string[]> | undefined;
}

export function expectedOf({ header, sums, acts }: BlockTask): Expected {
  const concerned = acts.filter((act) => concerns(act, header.first));
  const states = [asSealed(header)];
  for (const act of concerned) states.push(afterAct(states.at(-1) ?? asSealed(header), act));
  return {
    header,
    now: states.at(-1) ?? asSealed(header),
    before: states.at(-2),
    sums: unpackSums(Buffer.from(sums), header.records, header.rows)
  };
}
