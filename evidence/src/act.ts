import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { canonicalBytes } from './canonical.ts';
import { Hash, RowRoots } from './header.ts';
import { keyId, recordHash, signRecord } from './signature.ts';

/** Leaf hashes of consecutive places: index of the first, and the hashes one after the other in base64. */
const Leaves = z.tuple([z.int().min(0), z.base64()]);

/** Why stored data is no longer as it was sealed. The check is the same for all; the word is for the reader. */
export const actKinds = ['purge', 'redaction', 'unlink', 'replay', 'rewrap'] as const;
export type ActKind = (typeof actKinds)[number];

const Count = z.int().min(0);

/**
 * A signed record that changes what is expected of stored blocks, version 1: tombstones and superseding row roots. A row of
 * `audit.block` of its kind; see docs/evidence.md. The acts of a lane have a chain of their own.
 *   block, to   first and last block it is about (their names: first sequences); more than one only to remove whole tables
 *   header      hash of the header of `block`
 *   number      1 for the lane's first act, then one more each; previous: hash of the act before, 64 zeros for the first
 *   at          ms since 1970
 *   reason      policy or decision, in words without patient or person
 *   audit       id of Vigie's own event that tells of it, '' when there is none
 *   rows        table → rows and root that hold from now on (one block only)
 *   removed     table → 'all', or the places emptied with the leaf hashes of what was there; places are those of the root in force
 *   raw_hash    SHA-256 of the raw object that replaces the one before (one block only)
 *   redacted    places of receptions whose bytes were erased from the raw object, with their leaf hashes (one block only)
 */
export const Act = z
  .strictObject({
    version: z.literal(1),
    kind: z.enum(actKinds),
    collector: z.string().min(1),
    lane: z.string().min(1),
    block: Count,
    to: Count,
    header: Hash,
    number: z.int().min(1),
    previous: Hash,
    at: Count,
    reason: z.string().max(500),
    audit: z.string().max(100),
    rows: RowRoots.optional(),
    removed: z.record(z.string(), z.union([z.literal('all'), z.array(Leaves)])).optional(),
    raw_hash: Hash.optional(),
    redacted: z.array(Leaves).optional(),
    key_id: z.string()
  })
  .refine((act) => act.to >= act.block, { path: ['to'], message: 'is before block' })
  .refine(
    ({ block, to, rows, raw_hash, redacted, removed }) =>
      block === to ||
      (!rows &&
        !redacted &&
        raw_hash === undefined &&
        Object.values(removed ?? {}).every((one) => one === 'all')),
    { path: ['to'], message: 'an act over several blocks can only remove whole tables' }
  );
export type Act = z.infer<typeof Act>;

/** What the author of an act says; the rest follows from the chain and the key. */
export type ActContent = Omit<Act, 'version' | 'number' | 'previous' | 'key_id'>;

/** An act ready to be stored. */
export interface SignedAct {
  readonly act: Act;
  readonly bytes: Buffer;
  readonly hash: Buffer;
  readonly signature: Buffer;
}

/** Signs an act as the next of its lane's chain. @throws when it does not fit its schema */
export function signAct(
  content: ActContent,
  last: { readonly number: number; readonly hash: string },
  privateKey: KeyObject
): SignedAct {
  const act = Act.parse({
    ...content,
    version: 1,
    number: last.number + 1,
    previous: last.hash,
    key_id: keyId(privateKey)
  });
  const bytes = canonicalBytes(act);
  return { act, bytes, hash: recordHash(bytes), signature: signRecord(bytes, privateKey) };
}

/** Leaf hashes of consecutive places as an act holds them. */
export function packLeaves(first: number, digests: readonly string[]): z.infer<typeof Leaves> {
  return [first, Buffer.from(digests.join(''), 'latin1').toString('base64')];
}

/** Place → leaf hash of an act's list. */
export function unpackLeaves(list: readonly z.infer<typeof Leaves>[]): Map<number, string> {
  const places = new Map<number, string>();
  for (const [first, text] of list) {
    const digests = Buffer.from(text, 'base64').toString('latin1');
    for (let at = 0; at < digests.length; at += 32) places.set(first + at / 32, digests.slice(at, at + 32));
  }
  return places;
}
