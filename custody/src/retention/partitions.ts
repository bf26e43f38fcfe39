import { z } from 'zod';
import type { ClickHouseClient } from '@vigie/store';
import { ask } from '../ask.ts';
import { cutOf, lastMonthOver, partitionOf, type Category, type Policy } from './policy.ts';

/** A partition whose time is over. */
export interface Doomed {
  /** `database.table` */
  readonly table: string;
  /** Name of the partition in ClickHouse. */
  readonly id: string;
  readonly category: Category;
  /** '' for sums. */
  readonly lane: string;
  /** yyyymm, UTC. */
  readonly month: number;
  /** Column whose month it is. */
  readonly time: string;
  readonly rows: number;
  readonly bytes: number;
}

const Part = z.object({
  name: z.string(),
  key: z.string(),
  engine: z.string(),
  partition: z.string(),
  id: z.string(),
  rows: z.number(),
  bytes: z.number()
});

/**
 * Every partition that the policy says is over, oldest first. Tables are found by how they are cut, so that one that a later
 * version adds is not forgotten.
 * @param now ms since 1970
 */
export async function doomedPartitions(
  client: ClickHouseClient,
  policy: Policy,
  now: number
): Promise<Doomed[]> {
  const parts = await ask(
    client,
    Part,
    `SELECT concat(p.database, '.', p.table) AS name, any(t.partition_key) AS key, any(t.engine) AS engine, p.partition AS partition, p.partition_id AS id,
       sum(p.rows) AS rows, sum(p.bytes_on_disk) AS bytes
     FROM system.parts AS p INNER JOIN system.tables AS t ON t.database = p.database AND t.name = p.table
     WHERE p.active AND p.database IN ('audit', 'ops', 'vault') GROUP BY name, partition, id`
  );
  const doomed = parts.flatMap(({ name, key, engine, partition, id, rows, bytes }) => {
    const cut = cutOf(key, engine);
    const read = cut && partitionOf(cut, partition);
    if (!read || read.month > lastMonthOver(now, policy[read.category])) return [];
    return [{ table: name, id, ...read, time: cut.time, rows, bytes }];
  });
  return doomed.toSorted(
    (a, b) => a.month - b.month || (groupOf(a) + a.table < groupOf(b) + b.table ? -1 : 1)
  );
}

/** What is purged as one: a category of a lane, of one month. */
export const groupOf = ({ category, lane, month }: Doomed): string => `${category} ${lane} ${month}`;
