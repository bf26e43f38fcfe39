import { z } from 'zod';
import type { ClickHouseClient } from '@vigie/store';
import { ask } from '../ask.ts';
import type { BlockRow } from './block-rows.ts';

/** Of the identities that a replay met, those of whom the vault knows nothing: the others are there under the same pseudonym. */
export async function unknownPeople(client: ClickHouseClient, met: readonly BlockRow[]): Promise<BlockRow[]> {
  const nameOf = ({ values }: BlockRow) => (values['pseudonym'] as Buffer).toString('hex');
  const names = [...new Set(met.map(nameOf))];
  const known = new Set<string>();
  for (let at = 0; at < names.length; at += 500)
    for (const { pseudonym } of await ask(
      client,
      z.object({ pseudonym: z.string() }),
      `SELECT DISTINCT lower(hex(i.pseudonym)) AS pseudonym FROM vault.identity AS i
       WHERE i.pseudonym IN (SELECT toFixedString(unhex(arrayJoin({names:Array(String)})), 16))`,
      { names: names.slice(at, at + 500) }
    ))
      known.add(pseudonym);
  return met.filter((row) => !known.has(nameOf(row)));
}
