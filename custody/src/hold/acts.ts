import type { ClickHouseClient } from '@vigie/store';
import { z } from 'zod';
import { ask, change } from '../ask.ts';
import type { Selection } from './selection.ts';

/** Writes that a hold was added, grown or lifted. */
export async function recordHold(
  client: ClickHouseClient,
  told: {
    readonly hold: string;
    readonly at: number;
    readonly act: 'add' | 'lift';
    readonly reason: string;
    readonly selection: Selection | undefined;
    readonly events: number;
    readonly records: number;
    readonly audit: string;
  }
): Promise<void> {
  const { selection, ...rest } = told;
  await client.insert({
    table: 'audit.hold',
    format: 'JSONEachRow',
    values: [{ ...rest, selection: selection === undefined ? '' : JSON.stringify(selection) }],
    clickhouse_settings: { insert_deduplication_token: `audit.hold:${told.hold}:${told.at}` }
  });
}

/** Removes the copies of a hold, and only those. Asked for again, it goes on. */
export async function dropCopies(client: ClickHouseClient, hold: string): Promise<void> {
  for (const table of ['vault.held_raw', 'audit.held'])
    for (const { id } of await ask(
      client,
      z.object({ id: z.string() }),
      `SELECT DISTINCT _partition_id AS id FROM ${table} WHERE hold = {hold:String}`,
      { hold }
    ))
      await change(client, `ALTER TABLE ${table} DROP PARTITION ID {id:String}`, { id });
}
