import type { FactTable } from '@vigie/schemas/fact-tables';
import type { TableRow } from '@vigie/schemas/tables';

/** Columns that the seal stage fills in, the same way for every fact. */
export type Provenance =
  'lane' | 'collector' | 'seq' | 'sub' | 'block' | 'received_at' | 'source' | 'decoder' | 'retention';

/** Columns of how an event came, which the seal stage fills in for the table that has them. */
type Via<T extends FactTable> = T extends 'audit.event' ? 'transport' | 'peer' : never;

/** One row of ours, without its provenance. */
export type Fact = {
  [T in FactTable]: { table: T; row: Omit<TableRow<T>, Provenance | Via<T>> & OwnSource<T> };
}[FactTable];

/** The system of one event in a wrapper, where it is another one than the reception's. */
type OwnSource<T extends FactTable> = T extends 'audit.event' ? { source?: string } : unknown;

/** One event of a wrapper that could not become a row, while others did. */
export interface RefusedPart {
  /** Its place in the message, from 0: the sub index of its row in quarantine. */
  readonly sub: number;
  readonly reason: QuarantineReason;
  readonly detail: string;
}

/** An identity met while decoding: goes to the vault, encrypted. Never logged. */
export interface Identity {
  readonly pseudonym: Buffer;
  readonly kind: 'patient' | 'person';
  readonly establishment: string;
  /** What was told: `{ identifier, authority, name?, birth_date?, sex? }`, as JSON text. */
  readonly content: string;
  /** What tells an identity that the vault has: pseudonym and the first 16 bytes of the content's SHA-256, as Latin-1. */
  readonly key: string;
  /** Set by the index of identities: found in it, and what may be forgotten again (window.ts). */
  known?: object | undefined;
}

/** Where a message comes from, as far as it and the directory tell. */
export interface Origin {
  /** System id, or `unknown:<what it called itself or its address>`. */
  readonly source: string;
  readonly site: string;
  readonly establishment: string;
}

/** Why a message is kept raw: a closed list, shown per source. */
export const quarantineReasons = [
  'oversize',
  'not-utf8',
  'no-xml',
  'not-well-formed',
  'doctype-refused',
  'too-deep',
  'not-an-audit-message',
  'retired-format',
  'missing-field',
  'bad-value',
  'bad-json',
  'bad-hl7',
  'unsupported-message',
  'unknown-system',
  'row-refused'
] as const;
export type QuarantineReason = (typeof quarantineReasons)[number];

/** How a message was spoken: what is counted of each source. */
export interface Traits {
  /** Form of the syslog header. */
  readonly header?: 'rfc5424' | 'rfc3164' | 'none';
  /** How a DICOM audit message codes its values: since 2009 `csd-code`, before `code`. */
  readonly coding?: 'csd-code' | 'code' | 'none';
  /** The sender's own number (RFC 5424 §7.3.1, meta sequenceId), and who counts. */
  readonly sequence?: { readonly by: string; readonly number: number };
}

/** What decoding and normalising made of one reception. Facts may be several: a wrapper holds many events. */
export type Verdict =
  | {
      readonly kind: 'facts';
      readonly origin: Origin;
      /** name@version of what decoded it. */
      readonly decoder: string;
      /** Bytes whose SHA-256 tells a repeated reception: the body without transport's marks. */
      readonly canonical: Buffer;
      /** In the order of the message; their sub indexes are the places that no refused part takes. */
      readonly facts: readonly Fact[];
      readonly refused?: readonly RefusedPart[] | undefined;
      readonly identities: readonly Identity[];
      /** What was mended, by name; empty for a conformant message. */
      readonly repairs: readonly string[];
      readonly traits?: Traits | undefined;
    }
  | {
      readonly kind: 'quarantine';
      readonly origin: Origin;
      readonly decoder: string;
      readonly reason: QuarantineReason;
      /** Names the field and the mend; never the sender's data. */
      readonly detail: string;
      readonly traits?: Traits | undefined;
    };

/** What a decoder and its normaliser make of a message they understand. */
export type Findings = Omit<Extract<Verdict, { kind: 'facts' }>, 'kind' | 'decoder'>;

/** What is known of a message so far, for the case that it goes to quarantine. */
export interface Trace {
  source: string;
  traits?: Traits;
}
