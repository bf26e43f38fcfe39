import { hash, randomBytes, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { packLeaves } from '@vigie/evidence/act';
import { rowLeaf } from '@vigie/evidence/header';
import { digestHex, merkleRoot } from '@vigie/evidence/merkle';
import { RowEncoder } from '@vigie/evidence/row-binary';
import { blockName, resealRawObject, wrapDataKey, type RawRecord } from '@vigie/schemas/vault-format';
import { insertBinary, type ClickHouseClient } from '@vigie/store';
import { ask, change } from '../ask.ts';
import { actsAbout, expectedNow, sealedBlock, type Chain } from '../chain/blocks.ts';
import { openBlock, type OpenedBlock } from '../chain/raw.ts';
import { signAbout, type Mandate } from '../chain/signer.ts';

/** One reception, by its sequence. */
export interface Message extends Chain {
  readonly seq: number;
}

/** Where a message lies: its block, or undefined when no block holds that sequence. */
export async function blockOf(
  client: ClickHouseClient,
  { collector, lane, seq }: Message
): Promise<number | undefined> {
  const [row] = await ask(
    client,
    z.object({ block: z.number(), last_seq: z.number() }),
    `SELECT block, last_seq FROM audit.block WHERE collector = {collector:String} AND lane = {lane:String} AND kind = 'block'
     AND block <= {seq:UInt64} ORDER BY block DESC LIMIT 1`,
    { collector, lane, seq }
  );
  return row && seq <= row.last_seq ? row.block : undefined;
}

/** The message and its repeated receptions: each has the same bytes in its own block. */
export async function receptionsOf(client: ClickHouseClient, message: Message): Promise<Message[]> {
  const again = await ask(
    client,
    z.object({ seq: z.number() }),
    `SELECT seq FROM audit.reception WHERE collector = {collector:String} AND lane = {lane:String} AND original_seq = {seq:UInt64} ORDER BY seq`,
    { ...message }
  );
  return [message, ...again.map(({ seq }) => ({ ...message, seq }))];
}

/** Holds that keep a copy of the message. */
export async function holdsOf(client: ClickHouseClient, message: Message): Promise<string[]> {
  const rows = await ask(
    client,
    z.object({ hold: z.string() }),
    `SELECT DISTINCT hold FROM audit.held WHERE collector = {collector:String} AND lane = {lane:String} AND seq = {seq:UInt64} ORDER BY hold`,
    { ...message }
  );
  return rows.map(({ hold }) => hold);
}

/** Whether the message's bytes are there to be erased, and how many they are. */
export type Erasable =
  | { readonly state: 'there'; readonly bytes: number; readonly records: number }
  | { readonly state: 'erased' | 'half-way' | 'purged' | 'unknown' };

export async function erasable(
  client: ClickHouseClient,
  message: Message,
  privateKey: string
): Promise<Erasable> {
  const found = await look(client, message, privateKey);
  if (found === undefined) return { state: 'unknown' };
  const { objects, index, expected } = found;
  const [first] = objects;
  if (first === undefined) return { state: 'purged' };
  const { records } = first;
  if (expected.redacted.has(index))
    return { state: objects.length === 1 && first.hash === expected.rawHash ? 'erased' : 'half-way' };
  return { state: 'there', bytes: records[index]?.raw.length ?? 0, records: records.length };
}

async function look(client: ClickHouseClient, message: Message, privateKey: string) {
  const name = await blockOf(client, message);
  if (name === undefined) return undefined;
  const block = await sealedBlock(client, message, name);
  const expected = expectedNow(block, await actsAbout(client, message, name));
  const objects = await openBlock(client, message, name, { expected, privateKey });
  const index = objects[0]?.records.findIndex(({ seq }) => seq === message.seq) ?? 0;
  return index < 0 ? undefined : { block, expected, objects, index };
}

/**
 * Erases one message: its bytes leave the raw object of its block, which is written again under a new data key; its leaf hash stays,
 * in the signed record. Facts decoded from it stay, under pseudonyms. Cut short and asked for again, it goes on.
 * @throws {Error} a sentence, when the message is not there
 */
export async function redact(
  client: ClickHouseClient,
  message: Message,
  keys: { readonly privateKey: string; readonly publicKey: KeyObject },
  mandate: Mandate
): Promise<void> {
  const found = await look(client, message, keys.privateKey);
  const [current] = found?.objects ?? [];
  if (!found || !current) throw new Error('there is no such message: nothing was changed');
  const { block, expected, index } = found;
  const chain = { collector: message.collector, lane: message.lane };
  const name = block.header.first;
  // What was told and is stored already needs no new object.
  if (!expected.redacted.has(index) || current.hash !== expected.rawHash) {
    const written = rewritten(chain, name, {
      current,
      index,
      publicKey: keys.publicKey,
      sealedAt: block.header.sealed_at
    });
    const changes = {
      raw_hash: written.hash,
      rows: {
        'vault.raw_block': [1, digestHex(merkleRoot([rowLeaf('vault.raw_block', written.body)]))] as [
          number,
          string
        ]
      },
      redacted: [packLeaves(index, [current.leaves[index] ?? ''])]
    };
    await signAbout(client, { kind: 'redaction', chain, block, changes }, mandate);
    await insertBinary(client, {
      table: 'vault.raw_block',
      columns: written.columns,
      format: 'RowBinary',
      body: written.body,
      token: `vault.raw_block:${chain.collector}:${chain.lane}:${name}:${written.hash}`
    });
    return dropOthers(client, chain, name, written.hash);
  }
  await dropOthers(client, chain, name, current.hash);
}

/** The block's raw object without the bytes of one record, as a row of vault.raw_block. */
function rewritten(
  chain: Chain,
  block: number,
  told: {
    readonly current: OpenedBlock;
    readonly index: number;
    readonly publicKey: KeyObject;
    readonly sealedAt: number;
  }
) {
  const { current, index, publicKey, sealedAt } = told;
  const dataKey = randomBytes(32);
  const records = current.records.map((record, i) => (i === index ? erased(record) : record));
  const object = resealRawObject(
    records,
    dataKey,
    blockName(chain.collector, chain.lane, block),
    current.saltKey
  );
  const encoder = RowEncoder.of('vault.raw_block');
  const digest = hash('sha256', object, 'buffer');
  encoder.add({
    ...chain,
    block,
    records: records.length,
    sealed_at: sealedAt,
    raw_bytes: records.reduce((sum, { raw }) => sum + raw.length, 0),
    wrapped_key: wrapDataKey(dataKey, publicKey),
    object,
    hash: digest,
    retention: 'raw'
  });
  return { body: encoder.finish().body, columns: encoder.columns, hash: digest.toString('hex') };
}

/** The hash of a larger message goes too: whoever guesses the message could confirm it. */
function erased({ oversize: _, ...record }: RawRecord): RawRecord {
  return { ...record, raw: Buffer.alloc(0) };
}

async function dropOthers(
  client: ClickHouseClient,
  { collector, lane }: Chain,
  block: number,
  hash: string
): Promise<void> {
  await change(
    client,
    `ALTER TABLE vault.raw_block DELETE WHERE collector = {collector:String} AND lane = {lane:String} AND block = {block:UInt64}
     AND hash != toFixedString(unhex({hash:String}), 32) SETTINGS mutations_sync = 2`,
    { collector, lane, block, hash }
  );
}
