import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { insertBinary, type ClickHouseClient } from '@vigie/store';
import { signAct, type ActContent, type SignedAct } from './act.ts';
import { genesis } from './header.ts';
import { RowEncoder } from './row-binary.ts';

const Numbered = z.object({ number: z.number(), hash: z.string() });
type Chain = { readonly collector: string; readonly lane: string };

async function ask(
  client: ClickHouseClient,
  { collector, lane }: Chain,
  number: number | undefined
): Promise<z.infer<typeof Numbered> | undefined> {
  const result = await client.query({
    query: `SELECT toUInt32(JSONExtractUInt(header, 'number')) AS number, lower(hex(hash)) AS hash FROM audit.block
      WHERE collector = {collector:String} AND lane = {lane:String} AND kind != 'block' AND ({number:UInt32} IN (0, number))
      ORDER BY number DESC LIMIT 1`,
    query_params: { collector, lane, number: number ?? 0 },
    format: 'JSONEachRow'
  });
  return z.array(Numbered).parse(await result.json())[0];
}

/**
 * Signs an act and stores it, before what it tells of is done: a crash between the two leaves rows that the next verification
 * names as announced and not yet removed. Two writers cannot take the same number: the insert's token is the number, so the
 * second is dropped, seen by reading back, and signed again behind the first.
 * @throws when the act cannot be stored
 */
export async function appendAct(
  client: ClickHouseClient,
  content: ActContent,
  privateKey: KeyObject
): Promise<SignedAct> {
  let suffix = '';
  for (let attempt = 0; attempt < 5; attempt++) {
    const last = (await ask(client, content, undefined)) ?? { number: 0, hash: genesis };
    const signed = signAct(content, last, privateKey);
    const encoder = RowEncoder.of('audit.block');
    encoder.add(actRow(signed));
    await insertBinary(client, {
      table: 'audit.block',
      columns: encoder.columns,
      format: 'RowBinary',
      body: encoder.finish().body,
      token: `audit.block:act:${content.collector}:${content.lane}:${signed.act.number}${suffix}`
    });
    const stored = await ask(client, content, signed.act.number);
    if (stored?.hash === signed.hash.toString('hex')) return signed;
    // The number was taken by an act that is no longer there: its token still is.
    if (!stored) suffix += ':again';
  }
  throw new Error('the signed record could not be stored: others are written at the same time; try again');
}

/** The row of `audit.block` that holds an act. */
export function actRow({ act, bytes, hash, signature }: SignedAct) {
  return {
    lane: act.lane,
    collector: act.collector,
    block: act.block,
    last_seq: act.to,
    kind: act.kind,
    sealed_at: act.at,
    previous: Buffer.from(act.previous, 'hex'),
    hash,
    leaf_root: Buffer.alloc(32),
    raw_hash: act.raw_hash === undefined ? Buffer.alloc(32) : Buffer.from(act.raw_hash, 'hex'),
    header: bytes,
    signature,
    key_id: act.key_id,
    retention: 'evidence',
    sums: Buffer.alloc(0)
  };
}
