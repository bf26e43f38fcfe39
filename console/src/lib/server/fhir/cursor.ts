import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { Clause } from './clause.ts';
import { FhirFault } from './fault.ts';

/** A page link goes stale with the working day. */
const lifeMs = 24 * 3_600_000;
const maxPlain = 200_000;

/** What every page link holds: the token it was given to, and when (ms since 1970). */
export const Link = z.object({ token: z.string(), issuedAt: z.number() });

/** A page link of ITI-81: the search without identities, and where its next page begins. */
export const Cursor = Link.extend({
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
export function sealCursor<T extends z.infer<typeof Link>>(content: T, key: Buffer): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const sealed = Buffer.concat([cipher.update(deflateRawSync(JSON.stringify(content))), cipher.final()]);
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64url');
}

/** @throws {FhirFault} bad-cursor when it was altered, is another installation's or search's, or too old; foreign-cursor when another token's */
export function openCursor<T extends z.infer<typeof Link>>(
  schema: z.ZodType<T>,
  text: string,
  token: string,
  key: Buffer,
  now: number
): T {
  const content = decrypt(text, key);
  const link = Link.safeParse(content);
  if (!link.success || link.data.issuedAt + lifeMs < now)
    throw stale('This page link is older than 24 hours: search again.');
  if (link.data.token !== token)
    throw new FhirFault('foreign-cursor', 'This page link was given to another token.', {
      parameter: '_cursor'
    });
  const parsed = schema.safeParse(content);
  if (!parsed.success) throw stale(notOurs);
  return parsed.data;
}

const notOurs = 'This page link is not one of ours: follow the link of an answer as it is.';
const stale = (sentence: string) => new FhirFault('bad-cursor', sentence, { parameter: '_cursor' });

function decrypt(text: string, key: Buffer): unknown {
  try {
    const bytes = Buffer.from(text, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 });
    decipher.setAuthTag(bytes.subarray(-16));
    const plain = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
    return JSON.parse(inflateRawSync(plain, { maxOutputLength: maxPlain }).toString());
  } catch {
    throw stale(notOurs);
  }
}
