import { hash, type KeyObject } from 'node:crypto';
import { blockName, identitySealer, sealRawObject, wrapDataKey } from '@vigie/schemas/vault-format';
import type { TableName } from '@vigie/schemas/tables';
import { headerBytes, headerHash, keyId, signHeader, type Header } from '../evidence/header.ts';
import { leafContent, saltsOf } from '../evidence/leaf.ts';
import { digestHex, leafHash, merkleRoot, type Digest } from '../evidence/merkle.ts';
import { lanes, type Lane, type Reception } from '../reception.ts';
import { RowValueError } from '../store/row-binary.ts';
import type { Verdict } from '../verdict.ts';
import { FeedMinutes } from './feed-minutes.ts';
import type { Plan, Redo } from './plan.ts';
import { dayOf, monthOf } from './rotating-index.ts';
import { BlockRows } from './rows.ts';

export interface SealKeys {
  readonly evidence: KeyObject;
  readonly vaultPublic: KeyObject;
}

/** What sealing asks of the outside; all else is its input. */
export interface SealContext {
  readonly collector: string;
  readonly keys: SealKeys;
  judge(reception: Reception): Verdict;
  /** Sequence of the first reception of this fingerprint within the window before `at`, or undefined. */
  firstSeen(fingerprint: Buffer, at: number): number | undefined;
  identityKnown(key: Buffer, at: number): boolean;
  randomKey(): Buffer;
}

export interface SealInput {
  readonly lane: Lane;
  readonly records: readonly { readonly seq: number; readonly reception: Reception }[];
  readonly spoolBytes: number;
  readonly previous: string;
  /** Set when the facts of this range are stored, save the rows that were refused. */
  readonly redo: Redo | undefined;
}

/** What tells a repeated reception: the lane's number, and the first 16 bytes of the SHA-256 of the canonical body. */
function fingerprintOf(lane: Lane, canonical: Buffer): Buffer {
  const fingerprint = Buffer.allocUnsafe(17);
  const at = fingerprint.writeUInt8(lanes.indexOf(lane));
  fingerprint.write(hash('sha256', canonical, 'binary'), at, 16, 'latin1');
  return fingerprint;
}

/**
 * Decides the fate of a range of receptions: verdicts, rows, raw object, evidence header. Depends on its input and on the
 * random data key alone, never on the clock.
 */
export function sealBlock(input: SealInput, context: SealContext): Plan {
  const { lane, records } = input;
  const first = records[0]?.seq ?? 0;
  const last = records.at(-1)?.seq ?? 0;
  const to = records.at(-1)?.reception.receivedAt ?? 0;
  const dataKey = context.randomKey();
  const wrappedKey = wrapDataKey(dataKey, context.keys.vaultPublic);
  const salt = saltsOf(dataKey);
  const seal = identitySealer(dataKey);
  const rows = new BlockRows();
  const feed = new FeedMinutes();
  const leaves: Digest[] = [];
  const decoders = new Set<string>();
  const fingerprints: [string, Buffer, number][] = [];
  const inBlock = new Map<string, number>();
  const identities: [string, Buffer][] = [];
  const newIdentities = new Set<string>();
  const base = { lane, collector: context.collector, block: first };
  const refused = new Set(input.redo?.refused.map(({ table, seq, sub }) => `${table} ${seq} ${sub}`));
  const isRefused = (table: TableName, seq: number, sub: number) => refused.has(`${table} ${seq} ${sub}`);

  records.forEach(({ seq, reception }, index) => {
    leaves.push(leafHash(leafContent(index, reception, salt(index))));
    const verdict = context.judge(reception);
    decoders.add(verdict.decoder);
    const received = {
      ...base,
      seq,
      received_at: reception.receivedAt,
      ...verdict.origin,
      decoder: verdict.decoder,
      retention: lane
    };
    const via = { transport: reception.transport, peer: reception.peer };
    const quarantine = (reason: string, detail: string, sub: number) =>
      rows.add(
        'audit.quarantine',
        {
          ...received,
          ...via,
          sub,
          reason,
          detail,
          bytes: reception.oversize?.bytes ?? reception.raw.length
        },
        seq,
        sub
      );
    if (verdict.kind === 'quarantine') {
      quarantine(verdict.reason, verdict.detail, 0);
      feed.count(verdict.origin, reception, 'quarantined');
      return;
    }
    if (verdict.facts.length === 0) {
      quarantine('unsupported-message', 'there is nothing in it that is kept', 0);
      feed.count(verdict.origin, reception, 'quarantined');
      return;
    }
    const fingerprint = fingerprintOf(lane, verdict.canonical);
    const name = fingerprint.toString('latin1');
    const original = inBlock.get(name) ?? context.firstSeen(fingerprint, reception.receivedAt);
    if (original !== undefined) {
      rows.add('audit.reception', { ...received, ...via, original_seq: original }, seq, 0);
      feed.count(verdict.origin, reception, 'duplicate');
      return;
    }
    inBlock.set(name, seq);
    fingerprints.push([dayOf(reception.receivedAt), fingerprint, seq]);
    let stored = 0;
    verdict.facts.forEach((fact, sub) => {
      if (isRefused(fact.table, seq, sub))
        return quarantine('row-refused', 'the store refused this row', sub);
      try {
        // One union of row types goes to one encoder, which checks every value against its column.
        rows.add(fact.table, { ...received, ...via, sub, ...(fact.row as object) } as never, seq, sub);
        stored++;
      } catch (error) {
        if (!(error instanceof RowValueError)) throw error;
        quarantine('row-refused', error.message, sub);
      }
    });
    for (const identity of verdict.identities) {
      const key = Buffer.concat([
        identity.pseudonym,
        hash('sha256', identity.content, 'buffer').subarray(0, 16)
      ]);
      const keyHex = key.toString('hex');
      if (newIdentities.has(keyHex) || context.identityKnown(key, reception.receivedAt)) continue;
      newIdentities.add(keyHex);
      const sealed = seal(identity.content, identity.pseudonym);
      const { pseudonym, kind, establishment } = identity;
      const row = {
        ...base,
        pseudonym,
        kind,
        epoch: '1',
        establishment,
        seq,
        received_at: reception.receivedAt,
        wrapped_key: wrappedKey,
        sealed
      };
      rows.add('vault.identity', { ...row, retention: lane }, seq, 0);
      identities.push([monthOf(reception.receivedAt), key]);
    }
    // The verdict of a message is that of its worst row.
    const outcome = stored < verdict.facts.length ? 'quarantined' : 'stored';
    feed.count(verdict.origin, reception, outcome, {
      repaired: verdict.repairs.length > 0,
      occurredAt: occurredAt(verdict)
    });
  });

  const raw = records.map(({ seq, reception }) => ({ seq, ...reception }));
  const object = sealRawObject(raw, dataKey, blockName(context.collector, lane, first));
  const rawHash = hash('sha256', object, 'buffer');
  const rawBytes = raw.reduce((sum, one) => sum + one.raw.length, 0);
  rows.add(
    'vault.raw_block',
    {
      ...base,
      records: records.length,
      sealed_at: to,
      raw_bytes: rawBytes,
      wrapped_key: wrappedKey,
      object,
      hash: rawHash,
      retention: 'raw'
    },
    first,
    0
  );
  for (const row of feed.rows(base)) rows.add('ops.feed_minute', row, first, 0);

  const name = `${context.collector}:${lane}:${first}`;
  const factsDone = input.redo !== undefined;
  const { roots } = rows.finish(name, factsDone);
  const header: Header = {
    version: 1,
    collector: context.collector,
    lane,
    first,
    last,
    records: records.length,
    sealed_at: to,
    previous: input.previous,
    leaf_root: digestHex(merkleRoot(leaves)),
    raw_hash: rawHash.toString('hex'),
    rows: roots,
    decoders: [...decoders].sort(),
    key_id: keyId(context.keys.evidence)
  };
  const bytes = headerBytes(header);
  rows.add(
    'audit.block',
    {
      ...base,
      last_seq: last,
      kind: 'block',
      sealed_at: to,
      previous: Buffer.from(input.previous, 'hex'),
      hash: headerHash(bytes),
      leaf_root: Buffer.from(header.leaf_root, 'hex'),
      raw_hash: rawHash,
      header: bytes,
      signature: signHeader(bytes, context.keys.evidence),
      key_id: header.key_id,
      retention: 'evidence'
    },
    first,
    0
  );
  return {
    lane,
    first,
    last,
    records: records.length,
    spoolBytes: input.spoolBytes,
    inserts: rows.finish(name, factsDone).inserts,
    fingerprints,
    identities,
    previous: input.previous,
    head: headerHash(bytes).toString('hex'),
    counts: feed.bySource(),
    from: records[0]?.reception.receivedAt ?? 0,
    to
  };
}

function occurredAt(verdict: Extract<Verdict, { kind: 'facts' }>): number | undefined {
  const row = verdict.facts[0]?.row;
  return row && 'occurred_at' in row ? row.occurred_at : undefined;
}
