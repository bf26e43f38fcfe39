import { hash } from 'node:crypto';
import { tables } from '@vigie/schemas/tables';
import { blockName, openDataKey, openRaw, type RawRecord } from '@vigie/schemas/vault-format';
import { leafContent, saltKeyOf, saltsOf } from '../leaf.ts';
import { digestHex, leafHash, merkleRoot, type Digest } from '../merkle.ts';
import { decodeRow } from '../row-decode.ts';
import { sumOf } from '../sums.ts';
import type { Expected } from './block-task.ts';
import type { Finding, Place } from './finding.ts';
import { anythingGone } from './judge-table.ts';
import { localise } from './localise.ts';

const words = {
  missing: 'record-missing',
  added: 'record-added',
  altered: 'record-altered',
  reordered: 'record-altered'
} as const;

const placeOf = ({ header }: Expected): Place => ({
  collector: header.collector,
  lane: header.lane,
  block: header.first,
  sealedAt: header.sealed_at,
  table: 'vault.raw_block'
});

/** The part of a `vault.raw_block` row that is looked into. */
export interface RawObject {
  readonly wrappedKey: Buffer;
  readonly object: Buffer;
}

/** @param row a whole row in RowBinary; what is returned shares its bytes */
export function rawObjectOf(row: Buffer): RawObject {
  const { wrapped_key: wrappedKey, object } = decodeRow(tables['vault.raw_block'], row);
  if (!Buffer.isBuffer(wrappedKey) || !Buffer.isBuffer(object)) throw new TypeError('a raw object is bytes');
  return { wrappedKey, object };
}

/** Level 1: the raw object has the hash that was signed, or that the one before the last act had. */
export function judgeRawHash(expected: Expected, { object }: RawObject): Finding[] {
  const digest = hash('sha256', object, 'hex');
  if (digest === expected.now.rawHash || digest === expected.before?.rawHash) return [];
  return [{ ...placeOf(expected), code: 'raw-altered' }];
}

/**
 * Level 2: every leaf is redone from the decrypted messages, and every message has its rows.
 * @param vaultKey private key of the vault (PEM)
 * @param seqs sequences of the block's rows, of all tables
 */
export function judgeMessages(
  expected: Expected,
  raw: RawObject,
  vaultKey: string,
  seqs: ReadonlySet<number>
): Finding[] {
  const { collector, lane, first, leaf_root: root } = expected.header;
  const place = placeOf(expected);
  let records: RawRecord[];
  let salt: (index: number) => Digest;
  try {
    const dataKey = openDataKey(raw.wrappedKey, vaultKey);
    const opened = openRaw(raw.object, dataKey, blockName(collector, lane, first));
    records = opened.records;
    salt = saltsOf(opened.saltKey ?? saltKeyOf(dataKey));
  } catch {
    return [{ ...place, code: 'raw-unopened' }];
  }
  const { redacted } = expected.now;
  const leaves = records.map(
    (record, index) =>
      // A message is only ever erased whole: bytes in its place are not what the act left.
      (record.raw.length === 0 && redacted.get(index)) || leafHash(leafContent(index, record, salt(index)))
  );
  const id = (seq: number | undefined) => `${collector}-${lane}-${seq}`;
  const findings: Finding[] = [];
  if (digestHex(merkleRoot(leaves)) !== root) {
    const sealed = expected.sums?.get('');
    const actual = leaves.map((digest, at) => ({ sum: sumOf(digest), id: id(records[at]?.seq) }));
    if (sealed) findings.push(...localise(sealed, actual, place, words));
    else findings.push({ ...place, code: 'record-altered', detail: `one of ${records.length}` });
  }
  return [...findings, ...unaccounted(expected, records, seqs, place, id)];
}

/** Every reception has a verdict, and every verdict a row: stored, duplicate or quarantined. */
function unaccounted(
  expected: Expected,
  records: readonly RawRecord[],
  seqs: ReadonlySet<number>,
  place: Place,
  id: (seq: number) => string
): Finding[] {
  const known = new Set(records.map(({ seq }) => seq));
  const strange = [...seqs].filter((seq) => !known.has(seq));
  const silent = anythingGone(expected.now) ? [] : [...known].filter((seq) => !seqs.has(seq));
  return [
    ...silent.map((seq) => ({ ...place, code: 'record-unaccounted' as const, id: id(seq) })),
    ...strange.map((seq) => ({ ...place, code: 'row-unaccounted' as const, id: id(seq) }))
  ];
}
