import { packLeaves, type Act } from '@vigie/evidence/act';
import { rowOrders, type EvidenceTable } from '@vigie/evidence/row-order';
import type { ClickHouseClient } from '@vigie/store';
import { change } from '../ask.ts';
import { actsAbout, expectedNow, sealedBlock, type Chain } from '../chain/blocks.ts';
import { placed } from '../chain/places.ts';
import { storedRows } from '../chain/rows.ts';
import { signAbout, type Mandate } from '../chain/signer.ts';
import { footprints, type Footprint } from './footprint.ts';
import { groupOf, type Doomed } from './partitions.ts';

/** What a purge needs of the outside. */
export interface PurgeParts extends Mandate {
  readonly client: ClickHouseClient;
  progress(sentence: string): void;
}

type Removed = NonNullable<Act['removed']>;

const underEvidence = ({ table }: Doomed): boolean => Object.hasOwn(rowOrders, table);

/**
 * Purges partitions, oldest first: of each month the signed records of what goes, then the partitions. Cut short at any place
 * and asked for again, it goes on: what a signed record tells already is not told again.
 * @returns partitions dropped
 */
export async function purge(doomed: readonly Doomed[], parts: PurgeParts): Promise<number> {
  const groups = Map.groupBy(doomed, groupOf);
  for (const [name, group] of groups) {
    const committed = group.filter(underEvidence);
    for (const footprint of await footprints(parts.client, committed))
      await tell(footprint, committed, parts);
    for (const { table, id } of group) {
      await change(parts.client, `ALTER TABLE ${table} DROP PARTITION ID {id:String}`, { id });
      parts.progress(`${name}: ${table} is purged`);
    }
  }
  return doomed.length;
}

/** Signs and stores what is about to go of one chain. */
async function tell(footprint: Footprint, doomed: readonly Doomed[], parts: PurgeParts): Promise<void> {
  const { chain, ranges, straddling } = footprint;
  const ends = [...straddling, ...ranges.flatMap(({ block, to }) => [block, to])];
  if (ends.length === 0) return;
  const known = await actsAbout(parts.client, chain, Math.min(...ends), Math.max(...ends));
  const append = async (block: number, to: number, removed: Removed) => {
    const missing = Object.entries(removed).filter(
      ([table, what]) => !isTold(known, { block, to, table, what })
    );
    if (missing.length === 0) return;
    const changes = { removed: Object.fromEntries(missing) };
    const sealed = await sealedBlock(parts.client, chain, block);
    await signAbout(parts.client, { kind: 'purge', chain, block: sealed, to, changes }, parts);
  };
  const whole = Object.fromEntries(doomed.map(({ table }) => [table, 'all' as const]));
  for (const { block, to } of ranges) await append(block, to, whole);
  for (const block of straddling) {
    const removed = await removedOf(chain, block, { doomed, known, parts });
    if (Object.keys(removed).length > 0) await append(block, block, removed);
  }
}

/** Whether a signed record tells this already: another purge that was cut short, or the same range. */
function isTold(
  known: readonly Act[],
  asked: {
    readonly block: number;
    readonly to: number;
    readonly table: string;
    readonly what: Removed[string];
  }
): boolean {
  return known.some(({ kind, block, to, removed }) => {
    const told = removed?.[asked.table];
    if (kind !== 'purge' || told === undefined || block > asked.block || to < asked.to) return false;
    return told === 'all' || JSON.stringify(told) === JSON.stringify(asked.what);
  });
}

/** What goes of a block that straddles a month: rows by their place under the root in force, or all that is left. */
async function removedOf(
  chain: Chain,
  block: number,
  {
    doomed,
    known,
    parts
  }: { readonly doomed: readonly Doomed[]; readonly known: readonly Act[]; readonly parts: PurgeParts }
): Promise<Removed> {
  const expected = expectedNow(await sealedBlock(parts.client, chain, block), known);
  const removed: Removed = {};
  for (const { table, id } of doomed) {
    const one = expected.tables.get(table);
    if (!one || one.gone === 'all') continue;
    const rows = await storedRows(parts.client, table as EvidenceTable, chain, block, {
      sql: '_partition_id = {id:String}',
      params: { id }
    });
    const list = placed(one, rows);
    const going = list.filter(({ row, told }) => row.marked && !told);
    if (going.length === 0) continue;
    const left = list.filter(({ row }) => !row.marked);
    removed[table] = left.length === 0 ? 'all' : going.map(({ place, row }) => packLeaves(place, [row.leaf]));
  }
  return removed;
}
