import type { ClickHouseClient } from '@vigie/store';
import { newestBlocks } from '../query/audit-events.ts';
import type { AccessFilter, Bounded, Key } from '../query/access.ts';

/**
 * How far a list goes, by collector: the last sequence of the newest whole block when its first page was read. What comes later is
 * on none of its pages. A log without a whole block is not bounded.
 */
export type Bound = readonly (readonly [collector: string, lastSeq: number])[];

const ever = { from: new Date('1970-01-02T00:00:00Z'), to: new Date('2201-01-01T00:00:00Z') };

/** The bound of a list that begins now. */
export async function boundNow(
  client: ClickHouseClient,
  { scope, lane }: Pick<AccessFilter, 'scope' | 'lane'>
): Promise<Bound> {
  const blocks = await newestBlocks.ask(client, { scope, lane, ...ever });
  return blocks.map(({ collector, last_seq }) => [collector, last_seq]);
}

/** What a question binds of it. Pure. */
export const boundParams = (bound: Bound): Bounded => ({
  boundCollectors: bound.map(([collector]) => collector),
  boundSeqs: bound.map(([, seq]) => seq)
});

/** Whether a row lies within. Pure. */
export const within = (bound: Bound, { collector, seq }: Pick<Key, 'collector' | 'seq'>): boolean =>
  bound.length === 0 || bound.some(([name, last]) => name === collector && seq <= last);
