/**
 * What a verification can find, by code. The first word of a group says which part is wrong; the sentences are those of the
 * operator's command, the console has its own.
 */
export const findingCodes = {
  'header-unreadable': 'a row of audit.block holds no header or act that can be read',
  'header-altered': 'the column of audit.block is not what the signed header says',
  'signature-wrong': 'the signature is not of this header',
  'key-unknown': 'the header was signed by a key that is not among the public keys given',
  'key-returned': 'the header was signed by a key that was replaced before it',
  'block-missing': 'one or more blocks are missing before this one',
  'block-reordered': 'the block follows another one than it was sealed after',
  'block-added': 'there is more than one header for the same sequences',
  'act-missing': 'signed records about this lane are missing before this one',
  'act-altered': 'a signed record about this lane is not what it was',
  'row-missing': 'a row is missing',
  'row-added': 'a row was added',
  'row-altered': 'a row was altered',
  'rows-reordered': 'rows are in another order than they were sealed in',
  'rows-altered': 'rows were altered; the block has no sums that would tell which',
  'rows-without-block': 'there are rows that no block vouches for',
  'raw-altered': 'the raw object is not the one that was sealed',
  'raw-unopened': 'the raw object does not open with the vault key',
  'record-altered': 'a message in the raw object is not the one that was received',
  'record-missing': 'a message is missing from the raw object',
  'record-added': 'a message was added to the raw object',
  'record-unaccounted': 'a message of the raw object has no row in any table',
  'row-unaccounted': 'a row comes from no message of the raw object',
  truncated: 'blocks that a published head names are no longer there',
  'derived-differs': 'what is derived is not what its rows come to'
} as const;
export type FindingCode = keyof typeof findingCodes;

/** What is worth saying and is no fault. */
export const noticeCodes = {
  'act-announced': 'a signed record announces a change that is not carried out yet',
  'key-changed': 'from this block on another key signs',
  'rows-removed': 'rows were removed by signed records (raw objects among them cannot be redone at level 2)',
  'truncation-not-excluded': 'truncation not excluded: no head kept elsewhere was given',
  'head-behind': 'truncation is excluded up to the head that was given, not after it'
} as const;
export type NoticeCode = keyof typeof noticeCodes;

/**
 * Where something was found. `id` names a row or record as the console shows it. What is derived belongs to no lane: collector and
 * lane are empty then.
 */
export interface Place {
  readonly collector: string;
  readonly lane: string;
  /** First sequence of the block. */
  readonly block?: number;
  /** Reception time of the block's last record, ms since 1970. */
  readonly sealedAt?: number;
  readonly table?: string;
  readonly column?: string;
  /** `<collector>-<lane>-<sequence>-<sub>`, as far as it is known. */
  readonly id?: string;
  /** In other words: neighbours, numbers, what was expected. No patient, no person. */
  readonly detail?: string;
}

export interface Finding extends Place {
  readonly code: FindingCode;
}
export interface Notice extends Place {
  readonly code: NoticeCode;
}

/** Findings without end help nobody: after so many of one kind in one block the rest is only counted. */
export const maxPerBlock = 20;

/** One line for people. */
export function sentence(one: Finding | Notice): string {
  const words = { ...findingCodes, ...noticeCodes }[one.code];
  const place = [
    one.lane === '' ? '' : `${one.collector}/${one.lane}`,
    one.block === undefined ? '' : `block ${one.block}`,
    one.table ?? '',
    one.column === undefined ? '' : `column ${one.column}`,
    one.id === undefined ? '' : `row ${one.id}`
  ].filter(Boolean);
  return `${place.join(', ')}: ${words}${one.detail === undefined ? '' : ` (${one.detail})`}`;
}
