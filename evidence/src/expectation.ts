import { unpackLeaves, type Act } from './act.ts';
import type { Header } from './header.ts';

/** What one table must hold of one block: a tree of `size` places under `root`, of which `gone` are empty but for their hashes. */
export interface ExpectedTable {
  readonly size: number;
  readonly root: string;
  /** 'all': every row was removed by a signed act. */
  readonly gone: 'all' | ReadonlyMap<number, string>;
  /** The rows are no longer those that were sealed: the block's row sums do not tell of them. */
  readonly superseded: boolean;
}

/** What must be found of one block. */
export interface Expectation {
  readonly tables: ReadonlyMap<string, ExpectedTable>;
  readonly rawHash: string;
  /** Receptions whose bytes were erased, with their leaf hashes. */
  readonly redacted: ReadonlyMap<number, string>;
}

/** What is expected of a block as it was sealed. */
export function asSealed(header: Header): Expectation {
  const tables = Object.entries(header.rows).map(([table, [size, root]]) => {
    const none: ReadonlyMap<number, string> = new Map();
    return [table, { size, root, gone: none, superseded: false }] as const;
  });
  return { tables: new Map(tables), rawHash: header.raw_hash, redacted: new Map() };
}

/** What is expected after an act that concerns the block. Pure. */
export function afterAct(before: Expectation, act: Act): Expectation {
  const tables = new Map(before.tables);
  for (const [table, [size, root]] of Object.entries(act.rows ?? {}))
    tables.set(table, { size, root, gone: new Map(), superseded: true });
  for (const [table, removed] of Object.entries(act.removed ?? {})) {
    const one = tables.get(table);
    // A range of blocks may name a table that some of them have no rows in.
    if (!one) continue;
    const gone =
      removed === 'all' || one.gone === 'all' ? 'all' : new Map([...one.gone, ...unpackLeaves(removed)]);
    tables.set(table, { ...one, gone });
  }
  return {
    tables,
    rawHash: act.raw_hash ?? before.rawHash,
    redacted: new Map([...before.redacted, ...unpackLeaves(act.redacted ?? [])])
  };
}

/** How many rows of a table must be there. */
export function expectedRows({ size, gone }: ExpectedTable): number {
  return gone === 'all' ? 0 : size - gone.size;
}

export const concerns = (act: Act, block: number): boolean => act.block <= block && block <= act.to;
