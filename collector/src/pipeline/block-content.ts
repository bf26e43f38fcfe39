import { hash } from 'node:crypto';
import { identitySealer } from '@vigie/schemas/vault-format';
import { lanes, type Lane, type Reception } from '../reception.ts';
import { RowValueError } from '@vigie/evidence/row-binary';
import type { Identity, Origin, QuarantineReason, Verdict } from '../verdict.ts';
import { FeedMinutes, type Outcome } from './feed-minutes.ts';
import { FeedTraits } from './feed-traits.ts';
import { FingerprintPacker } from './fingerprints.ts';
import type { Plan, Redo } from './plan.ts';
import { dayOf, monthOf } from './rotating-index.ts';
import { BlockRows } from './rows.ts';

/** What the block asks of what came before it. */
export interface Memory {
  /** Sequence of the first reception of this fingerprint within the window before `at`, or undefined. */
  firstSeen(fingerprint: Buffer, at: number): number | undefined;
  identityKnown(identity: Identity, at: number): boolean;
}

/** Columns that every row of the block has. */
export interface Base {
  readonly lane: Lane;
  readonly collector: string;
  readonly block: number;
}

type Facts = Extract<Verdict, { kind: 'facts' }>;

/**
 * Rows, counts, fingerprints and identities of one block, reception by reception. Every reception has exactly one outcome:
 * stored, duplicate or quarantined; of a message with several facts, the worst.
 */
export class BlockContent {
  readonly rows = new BlockRows();
  readonly feed = new FeedMinutes();
  readonly traits = new FeedTraits();
  readonly decoders = new Set<string>();
  readonly fingerprints = new FingerprintPacker();
  readonly identities: Plan['identities'][number][] = [];
  readonly #base: Base;
  readonly #memory: Memory;
  readonly #wrappedKey: Buffer;
  readonly #sealIdentity: (text: string, pseudonym: Buffer) => Buffer;
  readonly #refused: ReadonlySet<string>;
  readonly #met = new Set<string>();

  constructor(
    base: Base,
    memory: Memory,
    key: { readonly dataKey: Buffer; readonly wrapped: Buffer },
    redo: Redo | undefined
  ) {
    this.#base = base;
    this.#memory = memory;
    this.#wrappedKey = key.wrapped;
    this.#sealIdentity = identitySealer(key.dataKey);
    this.#refused = new Set(redo?.refused.map(({ table, seq, sub }) => `${table} ${seq} ${sub}`));
  }

  /** Takes in one reception and what the decoders made of it. */
  take(seq: number, reception: Reception, verdict: Verdict): Outcome {
    const { origin } = verdict;
    this.decoders.add(verdict.decoder);
    if (verdict.kind === 'quarantine') {
      this.#quarantine(seq, 0, reception, verdict, verdict.reason, verdict.detail);
      return this.feed.count(origin, reception, 'quarantined');
    }
    if (verdict.facts.length === 0) {
      const detail = 'there is nothing in it that is kept';
      this.#quarantine(seq, 0, reception, verdict, 'unsupported-message', detail);
      return this.feed.count(origin, reception, 'quarantined');
    }
    const fingerprint = fingerprintOf(this.#base.lane, verdict.canonical);
    const original =
      this.fingerprints.find(fingerprint) ?? this.#memory.firstSeen(fingerprint, reception.receivedAt);
    if (original !== undefined) {
      const received = this.#received(seq, reception, verdict);
      this.rows.add('audit.reception', { original_seq: original }, received);
      return this.feed.count(origin, reception, 'duplicate');
    }
    this.fingerprints.add(dayOf(reception.receivedAt), fingerprint, seq);
    const stored = this.#facts(seq, reception, verdict);
    for (const identity of verdict.identities) this.#identity(seq, reception, identity);
    const worst = stored < verdict.facts.length || verdict.refused?.length ? 'quarantined' : 'stored';
    return this.feed.count(origin, reception, worst, {
      repaired: verdict.repairs.length > 0,
      occurredAt: occurredAt(verdict)
    });
  }

  /** @returns how many of the facts became rows */
  #facts(seq: number, reception: Reception, verdict: Facts): number {
    const received = this.#received(seq, reception, verdict);
    let stored = 0;
    // In the order of their places, as the evidence reads rows.
    let sub = 0;
    const quarantine = (reason: QuarantineReason, detail: string) =>
      this.#quarantine(seq, sub++, reception, verdict, reason, detail);
    const refused = verdict.refused ?? [];
    let passed = 0;
    const passRefused = () => {
      for (let part = refused[passed]; part?.sub === sub; part = refused[++passed])
        quarantine(part.reason, part.detail);
    };
    for (const { table, row } of verdict.facts) {
      passRefused();
      if (this.#refused.size > 0 && this.#refused.has(`${table} ${seq} ${sub}`)) {
        quarantine('row-refused', 'the store refused this row');
        continue;
      }
      try {
        // One union of row types goes to one encoder, which checks every value against its column.
        received.sub = sub;
        this.rows.add(table, row as never, received as never);
        stored++;
        sub++;
      } catch (error) {
        if (!(error instanceof RowValueError)) throw error;
        quarantine('row-refused', error.message);
      }
    }
    passRefused();
    return stored;
  }

  /** Columns of how a reception came. A literal: thousands a second, and spread out a row would be made property by property. */
  #received(seq: number, reception: Reception, { origin, decoder }: { origin: Origin; decoder: string }) {
    const { lane, collector, block } = this.#base;
    return {
      lane,
      collector,
      block,
      seq,
      sub: 0,
      received_at: reception.receivedAt,
      source: origin.source,
      site: origin.site,
      establishment: origin.establishment,
      decoder,
      retention: lane,
      transport: reception.transport,
      peer: reception.peer
    };
  }

  #quarantine(
    seq: number,
    sub: number,
    reception: Reception,
    verdict: Verdict,
    reason: QuarantineReason,
    detail: string
  ): void {
    const bytes = reception.oversize?.bytes ?? reception.raw.length;
    const received = this.#received(seq, reception, verdict);
    received.sub = sub;
    this.rows.add('audit.quarantine', { reason, detail, bytes }, received);
  }

  #identity(seq: number, reception: Reception, identity: Identity): void {
    const { pseudonym, kind, establishment, content, key } = identity;
    if (this.#met.has(key) || this.#memory.identityKnown(identity, reception.receivedAt)) return;
    this.#met.add(key);
    const row = {
      ...this.#base,
      pseudonym,
      kind,
      epoch: '1',
      establishment,
      seq,
      received_at: reception.receivedAt,
      wrapped_key: this.#wrappedKey,
      sealed: this.#sealIdentity(content, pseudonym),
      retention: this.#base.lane
    };
    this.rows.add('vault.identity', row);
    this.identities.push([monthOf(reception.receivedAt), Buffer.from(key, 'latin1')]);
  }
}

const fingerprint = Buffer.alloc(17);

/**
 * What tells a repeated reception: the lane's number, and the first 16 bytes of the SHA-256 of the canonical body. Valid until the
 * next one is asked for.
 */
function fingerprintOf(lane: Lane, canonical: Buffer): Buffer {
  const digest = hash('sha256', canonical, 'binary');
  fingerprint[0] = lanes.indexOf(lane);
  for (let i = 0; i < 16; i++) fingerprint[i + 1] = digest.charCodeAt(i);
  return fingerprint;
}

function occurredAt(verdict: Facts): number | undefined {
  const row = verdict.facts[0]?.row;
  return row && 'occurred_at' in row ? row.occurred_at : undefined;
}
