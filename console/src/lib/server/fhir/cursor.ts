import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { Clause } from './clause.ts';
import { FhirFault } from './fault.ts';

/** A page link goes stale with the working day. */
const lifeMs = 24 * 3_600_000;
const maxPlain = 200_000;

/** What a page link holds: the search without identities, and where its next page begins. Opaque and sealed. */
export const Cursor = z.object({
  /** Id of the token it was given to. */
  token: z.string(),
  /** ms since 1970. */
  issuedAt: z.number(),
  clauses: z.array(Clause),
  query: z.string(),
  count: z.number(),
  sort: z.enum(['date', '-date']),
  total: z.number().optional(),
  blocks: z.array(z.tuple([z.string(), z.number()])),
  after: z.object({ after: z.number(), collector: z.string(), seq: z.number(), sub: z.number() })
});
export type Cursor = z.infer<typeof Cursor>;

/** Key of page links, from the console's session key (hexadecimal). */
export const cursorKey = (sessionKey: string): Buffer =>
  Buffer.from(hkdfSync('sha256', Buffer.from(sessionKey, 'hex'), Buffer.alloc(0), 'vigie fhir cursor 1', 32));

/** @returns 12 bytes nonce · AES-256-GCM(deflate(JSON)) · 16 bytes tag, base64url */
export function sealCursor(cursor: Cursor, key: Buffer): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const sealed = Buffer.concat([cipher.update(deflateRawSync(JSON.stringify(cursor))), cipher.final()]);
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64url');
}

/** @throws {FhirFault} bad-cursor when it was altered, made by another installation, or is too old; foreign-cursor when another token's */
export function openCursor(text: string, token: string, key: Buffer, now: number): Cursor {
  const cursor = decrypt(text, key);
  if (cursor.issuedAt + lifeMs < now) throw stale('This page link is older than 24 hours: search again.');
  if (cursor.token !== token)
    throw new FhirFault('foreign-cursor', 'This page link was given to another token.', {
      parameter: '_cursor'
    });
  return cursor;
}

const stale = (sentence: string) => new FhirFault('bad-cursor', sentence, { parameter: '_cursor' });

function decrypt(text: string, key: Buffer): Cursor {
  try {
    const bytes = Buffer.from(text, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), {
      authTagLength: 16
    }).setAuthTag(bytes.subarray(-16));
    const plain = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
    return Cursor.parse(JSON.parse(inflateRawSync(plain, { maxOutputLength: maxPlain }).toString()));
  } catch {
    throw stale('This page link is not one of ours: follow the link of a Bundle as it is.');
  }
}
