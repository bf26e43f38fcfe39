import { z } from 'zod';
import type { ClickHouseClient } from '@vigie/store';
import { ask } from '../ask.ts';
import { conditionOf, Selection } from './selection.ts';

/** One hold as it stands: its acts are rows of audit.hold, its state the latest. */
export interface Hold {
  readonly hold: string;
  readonly active: boolean;
  readonly reason: string;
  readonly selections: readonly Selection[];
  /** ms since 1970 of the first and the last act. */
  readonly since: number;
  readonly changed: number;
  /** Copies kept now. */
  readonly events: number;
  readonly records: number;
}

const ActRow = z.object({
  hold: z.string(),
  at: z.number(),
  act: z.enum(['add', 'lift']),
  reason: z.string(),
  selection: z.string()
});
const Count = z.object({ hold: z.string(), count: z.number() });

/** Every hold there was, the oldest first. */
export async function readHolds(client: ClickHouseClient): Promise<Hold[]> {
  const acts = await ask(
    client,
    ActRow,
    `SELECT hold, toUnixTimestamp64Milli(at) AS at, act, reason, selection FROM audit.hold ORDER BY at`
  );
  const counts = async (table: string) =>
    new Map(
      (await ask(client, Count, `SELECT hold, count() AS count FROM ${table} GROUP BY hold`)).map(
        ({ hold, count }) => [hold, count] as const
      )
    );
  const [events, records] = [await counts('audit.held'), await counts('vault.held_raw')];
  return [...Map.groupBy(acts, ({ hold }) => hold)].map(([hold, list]) => {
    const lifted = list.findLastIndex(({ act }) => act === 'lift');
    const standing = list.slice(lifted + 1);
    const last = list.at(-1);
    return {
      hold,
      active: standing.length > 0,
      reason: last?.reason ?? '',
      selections: standing.map(({ selection }) => Selection.parse(JSON.parse(selection))),
      since: list[0]?.at ?? 0,
      changed: last?.at ?? 0,
      events: events.get(hold) ?? 0,
      records: records.get(hold) ?? 0
    };
  });
}

/** Condition of an event id in a table under hold or not: the same for every table of events. */
export const identity = 'collector, lane, seq, sub';

/** Events that active holds name and that have no copy yet, among those of a condition over audit.event. */
export async function notCopied(
  client: ClickHouseClient,
  { hold, selections }: Pick<Hold, 'hold' | 'selections'>,
  within: { readonly sql: string; readonly params: Readonly<Record<string, unknown>> } = {
    sql: '1',
    params: {}
  }
): Promise<number> {
  const { sql, params } = conditionOf(...selections);
  const [row] = await ask(
    client,
    z.object({ count: z.number() }),
    `SELECT count() AS count FROM audit.event WHERE ${sql} AND (${within.sql})
     AND (${identity}) NOT IN (SELECT ${identity} FROM audit.held WHERE hold = {hold:String})`,
    { ...params, ...within.params, hold }
  );
  return row?.count ?? 0;
}

/** Copies of a hold that have no original any more. */
export async function lastCopies(
  client: ClickHouseClient,
  hold: string
): Promise<{ readonly events: number; readonly records: number }> {
  const [row] = await ask(
    client,
    z.object({ events: z.number(), records: z.number() }),
    `SELECT (SELECT count() FROM audit.held WHERE hold = {hold:String} AND (${identity}) NOT IN (SELECT ${identity} FROM audit.event
         WHERE seq IN (SELECT seq FROM audit.held WHERE hold = {hold:String}))) AS events,
       (SELECT count() FROM vault.held_raw WHERE hold = {hold:String} AND (collector, lane, block) NOT IN
         (SELECT collector, lane, block FROM vault.raw_block)) AS records`,
    { hold }
  );
  return row ?? { events: 0, records: 0 };
}
