import { expectedRows, type ExpectedTable, type Expectation } from '../expectation.ts';
import { digestHex, merkleRoot, type Digest } from '../merkle.ts';
import { sumOf } from '../sums.ts';
import type { Expected } from './block-task.ts';
import { maxPerBlock, type Finding, type Notice, type Place } from './finding.ts';
import { localise } from './localise.ts';

/** Rows of one block in one table as they are found, in the order of their root. */
export interface FoundRows {
  readonly leaves: Digest[];
  readonly seqs: number[];
  readonly subs: number[];
}

export const noRows = (): FoundRows => ({ leaves: [], seqs: [], subs: [] });

const words = {
  missing: 'row-missing',
  added: 'row-added',
  altered: 'row-altered',
  reordered: 'rows-reordered'
} as const;

/** Tables whose rows are about the block, or a minute of it, and not about one reception. */
export const ofBlocks: ReadonlySet<string> = new Set([
  'ops.feed_minute',
  'ops.feed_trait',
  'vault.raw_block'
]);

/** Compares what is found of one block in one table with what was signed. Pure. */
export function judgeTable(
  expected: Expected,
  table: string,
  found: FoundRows
): { readonly findings: Finding[]; readonly notices: Notice[] } {
  const { collector, lane, first, sealed_at } = expected.header;
  const place: Place = { collector, lane, block: first, sealedAt: sealed_at, table };
  const now = expected.now.tables.get(table);
  if (holds(now, found)) {
    const removed = now === undefined ? 0 : now.size - expectedRows(now);
    const notices: Notice[] =
      removed > 0 ? [{ ...place, code: 'rows-removed', detail: `${removed} rows` }] : [];
    return { findings: [], notices };
  }
  if (changed(expected, table) && holds(expected.before?.tables.get(table), found))
    return { findings: [], notices: [{ ...place, code: 'act-announced' }] };
  const id = (at: number) =>
    ofBlocks.has(table)
      ? `${collector}-${lane}-${first}, row ${at + 1}`
      : `${collector}-${lane}-${found.seqs[at]}-${found.subs[at]}`;
  if (!now || now.gone === 'all') {
    const findings = found.leaves.slice(0, maxPerBlock).map((_, at) => ({
      ...place,
      code: 'row-added' as const,
      id: id(at),
      detail: `none of ${found.leaves.length} was sealed`
    }));
    return { findings, notices: [] };
  }
  const sums = now.superseded ? undefined : expected.sums?.get(table);
  if (!sums) {
    const wanted = expectedRows(now);
    const detail = `${found.leaves.length} rows, ${wanted} were sealed`;
    return { findings: [{ ...place, code: codeByCount(found.leaves.length, wanted), detail }], notices: [] };
  }
  const { gone } = now;
  const left = sums.filter((_, at) => !gone.has(at));
  const actual = found.leaves.map((digest, at) => ({ sum: sumOf(digest), id: id(at) }));
  return { findings: localise(left, actual, place, words), notices: [] };
}

function codeByCount(found: number, wanted: number): Finding['code'] {
  if (found === wanted) return 'rows-altered';
  return found < wanted ? 'row-missing' : 'row-added';
}

const changed = ({ now, before }: Expected, table: string) =>
  before !== undefined && now.tables.get(table) !== before.tables.get(table);

/** Whether the rows are exactly those under the root, but for the places that a signed act emptied. */
function holds(expected: ExpectedTable | undefined, { leaves }: FoundRows): boolean {
  if (!expected) return leaves.length === 0;
  if (leaves.length !== expectedRows(expected)) return false;
  return expected.gone === 'all' || digestHex(merkleRoot(withGone(leaves, expected.gone))) === expected.root;
}

/** All leaves of a tree, in order: those that are there, and the hashes of those that are gone in their places. */
export function withGone(leaves: readonly Digest[], gone: ReadonlyMap<number, Digest>): readonly Digest[] {
  if (gone.size === 0) return leaves;
  let next = 0;
  return Array.from({ length: leaves.length + gone.size }, (_, at) => gone.get(at) ?? leaves[next++] ?? '');
}

/** Whether any row of the block was removed by a signed act. */
export const anythingGone = ({ tables }: Expectation): boolean =>
  [...tables.values()].some(({ gone }) => gone === 'all' || gone.size > 0);
