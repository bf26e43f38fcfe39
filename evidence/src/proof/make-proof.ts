import { blockName, openDataKey, openRaw } from '@vigie/schemas/vault-format';
import { firstColumns, tables } from '@vigie/schemas/tables';
import type { ClickHouseClient } from '@vigie/store';
import type { Act } from '../act.ts';
import { concerns } from '../expectation.ts';
import type { Header } from '../header.ts';
import { leafContent, saltKeyOf, saltsOf } from '../leaf.ts';
import { digestHex, leafHash, merklePath, merkleRoot, type Digest } from '../merkle.ts';
import { evidenceTables, type EvidenceTable } from '../row-order.ts';
import { signedEnd } from '../signed-length.ts';
import { expectedOf, type Expected } from '../verify/block-task.ts';
import { rawObjectOf } from '../verify/judge-raw.ts';
import { ofBlocks, withGone } from '../verify/judge-table.ts';
import { scanRows } from '../verify/scan.ts';
import { asAct, asHeader, storedRows, told, type StoredRecord } from '../verify/stored-record.ts';
import type { Proof } from './proof.ts';

/** Why there is no proof, in a sentence. */
export class NoProofError extends Error {
  readonly code = 'no-proof';
}

interface EventId {
  readonly collector: string;
  readonly lane: string;
  readonly seq: number;
  readonly sub: number;
}

/** Reads `c1-audit-123-0`; without the last part the first row of that message. @throws {NoProofError} */
export function readEventId(id: string): EventId {
  const [, collector, lane, seq, sub = '0'] =
    /^([a-z0-9]{1,16})-([a-z]{1,16})-(\d{1,15})(?:-(\d{1,5}))?$/.exec(id) ?? [];
  if (collector === undefined || lane === undefined || seq === undefined)
    throw new NoProofError(`"${id}" is no event id: it looks like c1-audit-123-0`);
  return { collector, lane, seq: Number(seq), sub: Number(sub) };
}

/**
 * Makes the proof of one event from what is stored today.
 * @param options.vaultKey private key of the vault (PEM): the message is part of the proof then. Audit the act first
 * @throws {NoProofError} when the event is not there, its block is not sealed yet, or what is stored is not what was signed
 */
export async function makeProof(
  client: ClickHouseClient,
  id: string,
  options: { readonly vaultKey?: string | undefined; readonly now: number }
): Promise<Proof> {
  const event = readEventId(id);
  const signal = AbortSignal.timeout(60_000);
  const header = await headerOf(client, event, signal);
  const acts = (await actsOf(client, event, signal)).filter(({ content }) =>
    concerns(content, header.content.first)
  );
  const expected = expectedOf({
    header: header.content,
    sums: header.sums,
    acts: acts.map(({ content }) => content)
  });
  const row = await rowOf(client, event, expected);
  const signed = ({ text, signature, content }: StoredRecord<Header | Act>) => ({
    text: text.toString('utf8'),
    signature: signature.toString('base64'),
    key_id: content.key_id
  });
  return {
    version: 1,
    kind: 'vigie-proof',
    id,
    made_at: options.now,
    header: signed(header),
    acts: acts.map(signed),
    row,
    ...(options.vaultKey !== undefined && {
      message: await messageOf(client, event, expected, options.vaultKey)
    })
  };
}

async function headerOf(client: ClickHouseClient, { collector, lane, seq }: EventId, signal: AbortSignal) {
  const condition = `${told.isHeader} AND ${told.collector} = {collector:String} AND ${told.lane} = {lane:String}
    AND ${told.first} <= {seq:UInt64} AND JSONExtractUInt(header, 'last') >= {seq:UInt64}`;
  for await (const row of storedRows(
    client,
    { condition, order: told.first, params: { collector, lane, seq } },
    signal
  )) {
    const { record } = asHeader(row);
    if (record) return record;
  }
  throw new NoProofError('No sealed block holds this event: it is not known, or still being stored.');
}

async function actsOf(client: ClickHouseClient, { collector, lane }: EventId, signal: AbortSignal) {
  const condition = `${told.isAct} AND ${told.collector} = {collector:String} AND ${told.lane} = {lane:String}`;
  const acts: StoredRecord<Act>[] = [];
  for await (const row of storedRows(
    client,
    { condition, order: told.number, params: { collector, lane } },
    signal
  )) {
    const { record } = asAct(row);
    if (record) acts.push(record);
  }
  return acts;
}

interface Found {
  readonly leaves: readonly Digest[];
  readonly at: number;
  readonly bytes: Buffer;
}

/** The block's rows of one table, and the one looked for. */
async function find(
  client: ClickHouseClient,
  table: EvidenceTable,
  header: Header,
  wanted: (seq: number, sub: number) => boolean
): Promise<Found | undefined> {
  const { collector, lane, first, last } = header;
  const leaves: Digest[] = [];
  let found: { at: number; bytes: Buffer } | undefined;
  await scanRows(
    client,
    table,
    { collector, lane, from: first, to: last + 1 },
    (block, seq, sub, leaf, bytes) => {
      if (block !== first) return;
      if (!found && wanted(seq, sub)) found = { at: leaves.length, bytes: Buffer.from(bytes) };
      leaves.push(leaf);
    }
  );
  return found && { leaves, ...found };
}

/** Tables whose rows are about one reception, facts first. */
const ofReceptions = evidenceTables.filter((table) => !ofBlocks.has(table) && table !== 'vault.identity');

async function rowOf(
  client: ClickHouseClient,
  { seq, sub }: EventId,
  expected: Expected
): Promise<Proof['row']> {
  for (const table of ofReceptions) {
    const now = expected.now.tables.get(table);
    if (!now || now.gone === 'all') continue;
    const found = await find(client, table, expected.header, (one, other) => one === seq && other === sub);
    if (!found) continue;
    const { gone } = now;
    const leaves = withGone(found.leaves, gone);
    if (digestHex(merkleRoot(leaves)) !== now.root)
      throw new NoProofError(
        `The rows of ${table} in block ${expected.header.first} are not those that were signed: run vigie evidence verify.`
      );
    // Its place in the whole tree: behind every place that was emptied before it.
    const index = placeOf(found.at, gone, leaves.length);
    const end = signedEnd(table, found.bytes, found.bytes.length);
    const signed = end === found.bytes.length ? Object.keys(tables[table]) : firstColumns(table);
    return {
      table,
      columns: Object.entries(tables[table]).filter(([name]) => signed.includes(name)),
      bytes: found.bytes.subarray(0, end).toString('base64'),
      index,
      size: leaves.length,
      path: merklePath(leaves, index).map(digestHex)
    };
  }
  throw new NoProofError('No table holds a row of this event: it may have been purged.');
}

/** Place in the tree of the row that is the nth of those left. */
function placeOf(nth: number, gone: ReadonlyMap<number, Digest>, size: number): number {
  let left = nth;
  for (let place = 0; place < size; place++) if (!gone.has(place) && left-- === 0) return place;
  throw new RangeError('no such row');
}

async function messageOf(
  client: ClickHouseClient,
  { seq }: EventId,
  expected: Expected,
  vaultKey: string
): Promise<NonNullable<Proof['message']>> {
  const { collector, lane, first, leaf_root: root } = expected.header;
  const stored = await find(client, 'vault.raw_block', expected.header, () => true);
  if (!stored)
    throw new NoProofError(
      'The raw messages of this block were purged: there is a proof without the message only.'
    );
  const { wrappedKey, object } = rawObjectOf(stored.bytes);
  const dataKey = openDataKey(wrappedKey, vaultKey);
  const { records, saltKey } = openRaw(object, dataKey, blockName(collector, lane, first));
  const salt = saltsOf(saltKey ?? saltKeyOf(dataKey));
  const index = records.findIndex((record) => record.seq === seq);
  const record = records[index];
  const { redacted } = expected.now;
  if (!record || redacted.has(index))
    throw new NoProofError('The message of this event was erased on a signed decision.');
  const leaves = records.map((one, at) => redacted.get(at) ?? leafHash(leafContent(at, one, salt(at))));
  if (digestHex(merkleRoot(leaves)) !== root)
    throw new NoProofError(
      `The messages of block ${first} are not those that were signed: run vigie evidence verify --level 2.`
    );
  const { receivedAt, source, transport, peer, format, oversize, raw } = record;
  return {
    index,
    size: records.length,
    path: merklePath(leaves, index).map(digestHex),
    salt: Buffer.from(salt(index), 'latin1').toString('base64'),
    received_at: receivedAt,
    source,
    transport,
    peer,
    format,
    ...(oversize && { oversize }),
    raw: raw.toString('base64')
  };
}
