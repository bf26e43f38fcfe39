import { hash, type KeyObject } from 'node:crypto';
import { blockName, sealRawObject, wrapDataKey, type RawRecord } from '@vigie/schemas/vault-format';
import { headerBytes, type Header } from '@vigie/evidence/header';
import { leafContent, saltKeyOf, saltsOf } from '@vigie/evidence/leaf';
import { digestHex, leafHash, merkleRoot } from '@vigie/evidence/merkle';
import { keyId, recordHash, signRecord } from '@vigie/evidence/signature';
import { packSums } from '@vigie/evidence/sums';
import type { Lane, Reception } from '../reception.ts';
import type { Verdict } from '../verdict.ts';
import { BlockContent, type Base, type Memory } from './block-content.ts';
import type { Plan, Redo } from './plan.ts';

/** What sealing asks of the outside; all else is its input. */
export interface SealContext extends Memory {
  readonly collector: string;
  readonly keys: { readonly evidence: KeyObject; readonly vaultPublic: KeyObject };
  judge(reception: Reception): Verdict;
  randomKey(): Buffer;
}

export interface SealInput {
  readonly lane: Lane;
  /** Not empty. */
  readonly records: readonly { readonly seq: number; readonly reception: Reception }[];
  readonly spoolBytes: number;
  /** Hash of the lane's last header, in hexadecimal. */
  readonly previous: string;
  /** Set when the facts of this range are stored, save the rows that were refused. */
  readonly redo: Redo | undefined;
  /** Told each message that was not received before, in order. */
  readonly heard?: ((seq: number, reception: Reception, verdict: Verdict) => void) | undefined;
}

/**
 * Decides the fate of a range of receptions: verdicts, rows, raw object, evidence header. Depends on its input and on the
 * random data key alone, never on the clock.
 */
export function sealBlock(input: SealInput, context: SealContext): Plan {
  const { lane, records, previous, redo } = input;
  const [first, last] = [records[0]?.seq ?? 0, records.at(-1)?.seq ?? 0];
  const [from, to] = [records[0]?.reception.receivedAt ?? 0, records.at(-1)?.reception.receivedAt ?? 0];
  const dataKey = context.randomKey();
  const wrapped = wrapDataKey(dataKey, context.keys.vaultPublic);
  const salt = saltsOf(saltKeyOf(dataKey));
  const base: Base = { lane, collector: context.collector, block: first };
  const content = new BlockContent(base, context, { dataKey, wrapped }, redo);
  const leaves = records.map(({ seq, reception }, index) => {
    const verdict = context.judge(reception);
    const outcome = content.take(seq, reception, verdict);
    content.traits.count(verdict.origin, reception, verdict.traits, outcome === 'duplicate');
    if (outcome !== 'duplicate') input.heard?.(seq, reception, verdict);
    return leafHash(leafContent(index, reception, salt(index)));
  });
  const rawHash = addRawBlock(content, records, { base, dataKey, wrapped, sealedAt: to });
  for (const row of content.traits.rows(base)) content.rows.add('ops.feed_trait', row);
  for (const row of content.feed.rows(base)) content.rows.add('ops.feed_minute', row);

  const name = `${context.collector}:${lane}:${first}`;
  const { roots, leaves: rowLeaves } = content.rows.finish(name, redo !== undefined);
  const sums = packSums(leaves, rowLeaves);
  const header: Header = {
    version: 1,
    collector: context.collector,
    lane,
    first,
    last,
    records: records.length,
    sealed_at: to,
    previous,
    leaf_root: digestHex(merkleRoot(leaves)),
    raw_hash: rawHash.toString('hex'),
    rows: roots,
    sums: hash('sha256', sums, 'hex'),
    decoders: [...content.decoders].toSorted(),
    key_id: keyId(context.keys.evidence)
  };
  const head = addHeader(content, { header, sums }, base, context.keys.evidence);
  return {
    lane,
    first,
    last,
    records: records.length,
    spoolBytes: input.spoolBytes,
    inserts: content.rows.finish(name, redo !== undefined).inserts,
    fingerprints: content.fingerprints.packed(),
    identities: content.identities,
    previous,
    head,
    counts: content.feed.bySource(),
    from,
    to
  };
}

function rawRecord(seq: number, reception: Reception): RawRecord {
  const { receivedAt, format, transport, peer, source, raw, oversize } = reception;
  return oversize === undefined
    ? { seq, receivedAt, format, transport, peer, source, raw }
    : { seq, receivedAt, format, transport, peer, source, raw, oversize };
}

/** Adds the row of the encrypted raw bytes. @returns the hash of the ciphertext */
function addRawBlock(
  content: BlockContent,
  records: SealInput['records'],
  block: {
    readonly base: Base;
    readonly dataKey: Buffer;
    readonly wrapped: Buffer;
    readonly sealedAt: number;
  }
): Buffer {
  const { base, dataKey, wrapped, sealedAt } = block;
  const raw = records.map(({ seq, reception }) => rawRecord(seq, reception));
  const object = sealRawObject(raw, dataKey, blockName(base.collector, base.lane, base.block));
  const digest = hash('sha256', object, 'buffer');
  const row = {
    ...base,
    records: records.length,
    sealed_at: sealedAt,
    raw_bytes: raw.reduce((sum, one) => sum + one.raw.length, 0),
    wrapped_key: wrapped,
    object,
    hash: digest,
    retention: 'raw'
  };
  content.rows.add('vault.raw_block', row);
  return digest;
}

/** Signs the header and adds its row. @returns its hash, in hexadecimal */
function addHeader(
  content: BlockContent,
  { header, sums }: { readonly header: Header; readonly sums: Buffer },
  base: Base,
  key: KeyObject
): string {
  const bytes = headerBytes(header);
  const digest = recordHash(bytes);
  const row = {
    ...base,
    last_seq: header.last,
    kind: 'block',
    sealed_at: header.sealed_at,
    previous: Buffer.from(header.previous, 'hex'),
    hash: digest,
    leaf_root: Buffer.from(header.leaf_root, 'hex'),
    raw_hash: Buffer.from(header.raw_hash, 'hex'),
    header: bytes,
    signature: signRecord(bytes, key),
    key_id: header.key_id,
    retention: 'evidence',
    sums
  };
  content.rows.add('audit.block', row);
  return digest.toString('hex');
}
