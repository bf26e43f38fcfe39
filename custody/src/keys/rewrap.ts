import { createPrivateKey, createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { openDataKey, wrapDataKey } from '@vigie/schemas/vault-format';
import { concerns } from '@vigie/evidence/expectation';
import { rowLeaf } from '@vigie/evidence/header';
import { digestHex, merkleRoot } from '@vigie/evidence/merkle';
import { rowOrders } from '@vigie/evidence/row-order';
import type { ClickHouseClient } from '@vigie/store';
import { ask, change } from '../ask.ts';
import { actsAbout, expectedNow, sealedBlock, type Chain } from '../chain/blocks.ts';
import { storedRows } from '../chain/rows.ts';
import { signAbout, type Mandate } from '../chain/signer.ts';
import { isWhole } from '../chain/whole.ts';

/** Tables with wrapped data keys, under evidence. */
const wrapped = ['vault.raw_block', 'vault.identity'] as const;
/** Blocks whose keys one statement changes: each names two keys of 81 bytes in hexadecimal. */
const blocksAtOnce = 200;

const Key = z.object({ key: z.string() });
const Block = z.object({ collector: z.string(), lane: z.string(), block: z.number() });
export type WrappedBlock = z.infer<typeof Block>;

/** Whether the newest key opens it: then it needs no new wrapping. */
function isCurrent(key: string, newest: string): boolean {
  try {
    openDataKey(Buffer.from(key, 'hex'), newest);
    return true;
  } catch {
    return false;
  }
}

/** Blocks with a data key that the newest key of the vault does not open, in order. */
export async function blocksToRewrap(client: ClickHouseClient, newest: string): Promise<WrappedBlock[]> {
  const old = new Map<string, WrappedBlock>();
  for (const table of wrapped) {
    const rows = await ask(
      client,
      Block.extend(Key.shape),
      `SELECT DISTINCT collector, lane, block, lower(hex(wrapped_key)) AS key FROM ${table} ORDER BY collector, lane, block`
    );
    for (const { key, ...name } of rows)
      if (!isCurrent(key, newest)) old.set(`${name.collector}|${name.lane}|${name.block}`, name);
  }
  return [...old.values()].toSorted((a, b) => a.block - b.block);
}

/**
 * Wraps data keys to the newest key of the vault: of each block first the signed root of its rows as they will be, then the rows.
 * Ciphertexts stay. Cut short and asked for again, it goes on with what the newest key does not open.
 * @param pems private keys of the vault, the newest first
 */
export async function rewrap(
  client: ClickHouseClient,
  blocks: readonly WrappedBlock[],
  pems: readonly string[],
  mandate: Mandate,
  progress: (sentence: string) => void
): Promise<void> {
  const [newest = ''] = pems;
  for (let at = 0; at < blocks.length; at += blocksAtOnce) {
    const renewed = new Map<string, string>();
    const group = blocks.slice(at, at + blocksAtOnce);
    for (const { collector, lane, block } of group)
      await announce(client, { collector, lane }, block, {
        keys: { pems, newest, renewed },
        mandate,
        progress
      });
    await exchange(client, wrapped, renewed, group);
    progress(`${Math.min(at + blocksAtOnce, blocks.length)} of ${blocks.length} blocks`);
  }
}

/** Signs what the rows of a block will be. Rows that are not those that were signed get no new root: the check goes on telling so. */
async function announce(
  client: ClickHouseClient,
  chain: Chain,
  block: number,
  {
    keys,
    mandate,
    progress
  }: { readonly keys: Renewal; readonly mandate: Mandate; progress(sentence: string): void }
): Promise<void> {
  const sealed = await sealedBlock(client, chain, block);
  const acts = (await actsAbout(client, chain, block)).filter((act) => concerns(act, block));
  const [expected, before] = [expectedNow(sealed, acts), expectedNow(sealed, acts.slice(0, -1))];
  const rows: Record<string, [number, string]> = {};
  for (const table of wrapped) {
    const stored = await storedRows(client, table, chain, block);
    const renewed = await keysOf(client, table, chain, block, keys);
    if (renewed.length !== stored.length)
      throw new Error('rows changed while their keys were read: try again');
    const leaves = stored.map(({ leaf }) => leaf);
    // Of a rotation that was cut short the new root is signed already, and the rows are still those before it.
    if (![expected, before].some(({ tables }) => isWhole(tables.get(table), leaves))) {
      progress(
        `${table} of block ${chain.collector}-${chain.lane}-${block} is not what was signed: run vigie evidence verify`
      );
      continue;
    }
    if (stored.length === 0) continue;
    const next = stored.map(({ bytes }, i) => rowLeaf(table, replaced(bytes, renewed[i] ?? ['', ''])));
    rows[table] = [next.length, digestHex(merkleRoot(next))];
  }
  if (Object.keys(rows).length > 0)
    await signAbout(client, { kind: 'rewrap', chain, block: sealed, changes: { rows } }, mandate);
}

/** The row with another wrapped key: same length, so that one stretch of bytes is exchanged for another. */
function replaced(bytes: Buffer, [from, to]: readonly [string, string]): Buffer {
  if (from === to) return bytes;
  const at = bytes.indexOf(Buffer.from(from, 'hex'));
  if (at < 0) throw new Error('a row does not hold its own data key');
  const copy = Buffer.from(bytes);
  copy.write(to, at, 'hex');
  return copy;
}

/** Private keys, the newest first, and what each wrapped key became so far. */
interface Renewal {
  readonly pems: readonly string[];
  readonly newest: string;
  readonly renewed: Map<string, string>;
}

/** Wrapped key of each row now, and as it will be. */
async function keysOf(
  client: ClickHouseClient,
  table: (typeof wrapped)[number],
  { collector, lane }: Chain,
  block: number,
  { pems, newest, renewed }: Renewal
): Promise<[string, string][]> {
  const rows = await ask(
    client,
    Key,
    `SELECT lower(hex(wrapped_key)) AS key FROM ${table} WHERE collector = {collector:String} AND lane = {lane:String} AND block = {block:UInt64}
     ORDER BY ${rowOrders[table]}`,
    { collector, lane, block }
  );
  const publicKey = createPublicKey(createPrivateKey(newest));
  return rows.map(({ key }) => {
    if (isCurrent(key, newest)) return [key, key];
    const known =
      renewed.get(key) ??
      wrapDataKey(openDataKey(Buffer.from(key, 'hex'), pems.join('')), publicKey).toString('hex');
    renewed.set(key, known);
    return [key, known];
  });
}

/** Exchanges wrapped keys for others in tables. */
async function exchange(
  client: ClickHouseClient,
  into: readonly string[],
  renewed: ReadonlyMap<string, string>,
  blocks: readonly WrappedBlock[]
): Promise<void> {
  if (renewed.size === 0) return;
  const list = (keys: Iterable<string>) => [...keys].map((key) => `unhex('${key}')`).join(', ');
  const names = blocks.map(({ block }) => block).join(', ');
  for (const table of into)
    await change(
      client,
      `ALTER TABLE ${table} UPDATE wrapped_key = transform(wrapped_key, [${list(renewed.keys())}], [${list(renewed.values())}], wrapped_key)
       WHERE block IN (${names}) SETTINGS mutations_sync = 2`
    );
}

/** Wraps the data keys of messages under hold anew. @returns how many */
export async function rewrapHeld(client: ClickHouseClient, pems: readonly string[]): Promise<number> {
  const [newest = ''] = pems;
  const rows = await ask(
    client,
    Key.extend({ block: z.number() }),
    'SELECT lower(hex(wrapped_key)) AS key, block FROM vault.held_raw'
  );
  const publicKey = createPublicKey(createPrivateKey(newest));
  const old = rows.filter(({ key }) => !isCurrent(key, newest));
  for (let at = 0; at < old.length; at += blocksAtOnce) {
    const group = old.slice(at, at + blocksAtOnce);
    const renewed = new Map(
      group.map(({ key }) => [
        key,
        wrapDataKey(openDataKey(Buffer.from(key, 'hex'), pems.join('')), publicKey).toString('hex')
      ])
    );
    await exchange(
      client,
      ['vault.held_raw'],
      renewed,
      group.map(({ block }) => ({ collector: '', lane: '', block }))
    );
  }
  return old.length;
}
