import { z } from 'zod';
import type { ClickHouseClient } from '@vigie/store';
import { ask } from '../ask.ts';
import { notCopied, readHolds } from '../hold/holds.ts';
import type { Doomed } from './partitions.ts';

/**
 * What a purge would take although a hold names it: events and messages that came after the hold was added, or whose copy was
 * cut short. The copies themselves are out of its reach.
 * @returns a sentence for each such hold
 */
export async function heldBack(client: ClickHouseClient, doomed: readonly Doomed[]): Promise<string[]> {
  const ids = (wanted: string) => doomed.filter(({ table }) => table === wanted).map(({ id }) => id);
  const [events, raw] = [ids('audit.event'), ids('vault.raw_block')];
  const sentences: string[] = [];
  for (const one of (await readHolds(client)).filter(({ active }) => active)) {
    const within = { sql: '_partition_id IN {ids:Array(String)}', params: { ids: events } };
    const missing = events.length === 0 ? 0 : await notCopied(client, one, within);
    const messages = raw.length === 0 ? 0 : await messagesNotCopied(client, one.hold, raw);
    if (missing + messages > 0)
      sentences.push(
        `The hold ${one.hold} names ${missing} events and ${messages} messages of these that are not copied yet: run vigie hold add ${one.hold} again, or lift it.`
      );
  }
  return sentences;
}

async function messagesNotCopied(
  client: ClickHouseClient,
  hold: string,
  ids: readonly string[]
): Promise<number> {
  const [row] = await ask(
    client,
    z.object({ count: z.number() }),
    `SELECT uniqExact(collector, lane, seq) AS count FROM audit.held WHERE hold = {hold:String}
     AND (collector, lane, seq) NOT IN (SELECT collector, lane, seq FROM vault.held_raw WHERE hold = {hold:String})
     AND (collector, lane, block) IN (SELECT collector, lane, block FROM vault.raw_block WHERE _partition_id IN {ids:Array(String)})`,
    { hold, ids }
  );
  return row?.count ?? 0;
}
