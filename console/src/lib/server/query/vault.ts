import {
  blockName,
  openDataKey,
  openIdentity,
  openRawObject,
  openRawRecord,
  type RawRecord
} from '@vigie/schemas/vault-format';
import { z } from 'zod';
import type { ClickHouseClient } from '@vigie/store';
import type { EventRow } from './event.ts';

const Told = z.looseObject({
  identifier: z.string(),
  authority: z.string().optional(),
  name: z.string().optional(),
  birth_date: z.string().optional(),
  sex: z.string().optional()
});
export type Identity = z.infer<typeof Told> & { readonly pseudonym: string; readonly kind: string };

const IdentityRow = z.object({
  pseudonym: z.string(),
  kind: z.string(),
  wrapped: z.string(),
  sealed: z.string()
});

/** Opens the identities behind pseudonyms of one event. The caller has checked the reader, and awaited the audit's ack. */
export async function identitiesOf(
  client: ClickHouseClient,
  pseudonyms: readonly string[],
  privateKey: string
): Promise<Identity[]> {
  const result = await client.query({
    query: `SELECT lower(hex(i.pseudonym)) AS pseudonym, kind, base64Encode(wrapped_key) AS wrapped, base64Encode(sealed) AS sealed FROM vault.identity AS i
      WHERE i.pseudonym IN (SELECT toFixedString(unhex(arrayJoin({pseudonyms:Array(String)})), 16)) ORDER BY received_at DESC LIMIT 5 BY i.pseudonym`,
    query_params: { pseudonyms },
    format: 'JSONEachRow',
    clickhouse_settings: { log_comment: 'vault.identities' }
  });
  return z.array(IdentityRow).parse(await result.json()).map(({ pseudonym, kind, wrapped, sealed }) => {
    const dataKey = openDataKey(Buffer.from(wrapped, 'base64'), privateKey);
    const text = openIdentity(Buffer.from(sealed, 'base64'), dataKey, Buffer.from(pseudonym, 'hex'));
    return { ...Told.parse(JSON.parse(text)), pseudonym, kind };
  }); // prettier-ignore
}

const BlockRow = z.object({ wrapped: z.string(), object: z.string() });

/** A block whose raw messages are asked for. */
type BlockKey = Pick<EventRow, 'collector' | 'lane' | 'block'>;

/** Opens every raw message of a block; undefined when it is purged or not stored yet. */
export async function rawRecordsOf(
  client: ClickHouseClient,
  block: BlockKey,
  privateKey: string
): Promise<RawRecord[] | undefined> {
  const found = await rawObjectOf(client, block, privateKey);
  return found && openRawObject(found.object, found.dataKey, found.name);
}

/** Opens the raw message of one event; undefined when its block is purged or not stored yet. */
export async function rawMessageOf(
  client: ClickHouseClient,
  event: EventRow,
  privateKey: string
): Promise<Buffer | undefined> {
  const found = await rawObjectOf(client, event, privateKey);
  return found && openRawRecord(found.object, found.dataKey, found.name, event.seq).raw;
}

async function rawObjectOf(
  client: ClickHouseClient,
  { collector, lane, block }: BlockKey,
  privateKey: string
) {
  const result = await client.query({
    query: `SELECT base64Encode(wrapped_key) AS wrapped, base64Encode(object) AS object FROM vault.raw_block
      WHERE collector = {collector:String} AND lane = {lane:String} AND block = {block:UInt64} LIMIT 1`,
    query_params: { collector, lane, block },
    format: 'JSONEachRow',
    clickhouse_settings: { log_comment: 'vault.raw' }
  });
  const [row] = z.array(BlockRow).parse(await result.json());
  if (!row) return undefined;
  const dataKey = openDataKey(Buffer.from(row.wrapped, 'base64'), privateKey);
  return { object: Buffer.from(row.object, 'base64'), dataKey, name: blockName(collector, lane, block) };
}
