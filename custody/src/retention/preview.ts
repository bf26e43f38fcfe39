import { z } from 'zod';
import type { Canonical } from '@vigie/evidence/canonical';
import type { ClickHouseClient } from '@vigie/store';
import { ask } from '../ask.ts';
import { groupOf, type Doomed } from './partitions.ts';

const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const monthName = (month: number) => `${Math.floor(month / 100)}-${String(month % 100).padStart(2, '0')}`;

/** What the digest of a purge covers: every partition with its rows, save sums, whose rows merge by themselves. */
export function purgePlan(doomed: readonly Doomed[]): Canonical {
  return doomed.map(({ table, id, category, rows }) => [table, id, category === 'rollup' ? 0 : rows]);
}

/** A purge in words: one line for each month of a category with its counts and days, one for each table in it. */
export async function purgePreview(client: ClickHouseClient, doomed: readonly Doomed[]): Promise<string[]> {
  const lines: string[] = [];
  for (const group of Map.groupBy(doomed, groupOf).values()) {
    const [one] = group;
    if (!one) continue;
    const rows = group.reduce((sum, { rows: count }) => sum + count, 0);
    const bytes = group.reduce((sum, { bytes: size }) => sum + size, 0);
    const lane = one.lane === '' || one.lane === one.category ? '' : ` of lane ${one.lane}`;
    lines.push(
      `${one.category}${lane}, ${monthName(one.month)}: ${rows} rows, ${(bytes / 1e6).toFixed(1)} MB`
    );
    for (const { table, id, time, rows: count } of group) {
      const [span] = await ask(
        client,
        z.object({ from: z.number(), to: z.number() }),
        `SELECT toUnixTimestamp64Milli(toDateTime64(min(${time}), 3, 'UTC')) AS from, toUnixTimestamp64Milli(toDateTime64(max(${time}), 3, 'UTC')) AS to
         FROM ${table} WHERE _partition_id = {id:String}`,
        { id }
      );
      lines.push(
        `  ${table.padEnd(24)} ${String(count).padStart(12)} rows, ${day(span?.from ?? 0)} to ${day(span?.to ?? 0)}`
      );
    }
  }
  return lines;
}
