import type { KeyObject } from 'node:crypto';
import type { Act } from '../act.ts';
import { genesis, type Header } from '../header.ts';
import type { KeyRing } from '../key-ring.ts';
import { verifyRecord } from '../signature.ts';
import type { Finding, Notice, Place } from './finding.ts';
import type { StoredRecord } from './stored-record.ts';

/** What following one lane's headers has found so far. */
export interface ChainState {
  readonly last: StoredRecord<Header> | undefined;
  /** The last header is not the one that was signed: that the next one does not follow it is told already. */
  readonly doubtful: boolean;
  /** Keys in the order they signed; the last one is in force. */
  readonly keys: readonly string[];
}

export const chainStart: ChainState = { last: undefined, doubtful: false, keys: [] };

interface Step {
  readonly state: ChainState;
  readonly findings: readonly Finding[];
  readonly notices: readonly Notice[];
}

/**
 * Takes the next header of a lane in the order of its sequences. Pure.
 * @param options.anchored the chain is taken up here, in its middle: what this header follows is not asked
 */
export function followHeader(
  state: ChainState,
  record: StoredRecord<Header>,
  ring: KeyRing,
  options: { readonly anchored: boolean }
): Step {
  const { content } = record;
  const { last } = state;
  const place = placeOf(content);
  if (last && content.first <= last.content.last) {
    const detail = `sequences up to ${last.content.last} are in block ${last.content.first}`;
    return { state, findings: [{ ...place, code: 'block-added', detail }], notices: [] };
  }
  const findings: Finding[] = [];
  const expected = last ? last.hash : genesis;
  if (content.previous !== expected && !state.doubtful && !options.anchored)
    findings.push(brokenLink(content, last));
  const keys = followKey(state.keys, content.key_id, place);
  const signature = signatureFindings(record, ring, place);
  return {
    state: { last: record, doubtful: signature.length > 0, keys: keys.keys },
    findings: [...findings, ...keys.findings, ...signature],
    notices: keys.notices
  };
}

const placeOf = ({ collector, lane, first, sealed_at }: Header): Place => ({
  collector,
  lane,
  block: first,
  sealedAt: sealed_at
});

/** Sequences that are nobody's mean that something was between; none, that it was sealed after another block. */
function brokenLink(content: Header, last: StoredRecord<Header> | undefined): Finding {
  const from = last ? last.content.last + 1 : 1;
  const gap = content.first > from;
  return {
    ...placeOf(content),
    code: gap ? 'block-missing' : 'block-reordered',
    detail: gap
      ? `sequences ${from} to ${content.first - 1}`
      : `it names ${content.previous.slice(0, 16)}…, the block before it is ${(last?.hash ?? genesis).slice(0, 16)}…`
  };
}

function followKey(keys: readonly string[], keyId: string, place: Place) {
  const none: { keys: readonly string[]; findings: Finding[]; notices: Notice[] } = {
    keys,
    findings: [],
    notices: []
  };
  if (keys.at(-1) === keyId) return none;
  if (keys.includes(keyId))
    return { ...none, findings: [{ ...place, code: 'key-returned' as const, detail: keyId }] };
  const notices: Notice[] = keys.length === 0 ? [] : [{ ...place, code: 'key-changed', detail: keyId }];
  return { keys: [...keys, keyId], findings: [], notices };
}

function signatureFindings(
  { content, text, signature }: StoredRecord<{ readonly key_id: string }>,
  ring: KeyRing,
  place: Place
): Finding[] {
  const key: KeyObject | undefined = ring.get(content.key_id);
  if (!key) return [{ ...place, code: 'key-unknown', detail: content.key_id }];
  return verifyRecord(text, signature, key)
    ? []
    : [{ ...place, code: 'signature-wrong', table: 'audit.block', column: 'signature' }];
}

/** Checks a lane's acts, in the order of their numbers: signatures, and a chain without gaps. Pure. */
export function followActs(acts: readonly StoredRecord<Act>[], ring: KeyRing): Finding[] {
  const findings: Finding[] = [];
  let last = { number: 0, hash: genesis };
  for (const record of acts) {
    const { content, hash } = record;
    const { collector, lane, block, number, previous, kind } = content;
    const place = { collector, lane, block, detail: `${kind} number ${number}` };
    if (number > last.number + 1) findings.push({ ...place, code: 'act-missing' });
    else if (number !== last.number + 1 || previous !== last.hash)
      findings.push({ ...place, code: 'act-altered' });
    findings.push(...signatureFindings(record, ring, place));
    last = { number, hash };
  }
  return findings;
}
