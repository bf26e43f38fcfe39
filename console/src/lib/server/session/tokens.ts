import { createHash, randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { Config, Role } from '@vigie/schemas';

/** Roles that read a part of the log, and so may hold a token. */
export const tokenRoles = ['dpo', 'dsi', 'rssi', 'auditor'] as const satisfies readonly Role[];

/** What opens the vault, beside the role: granted one by one, to tokens of the DPO. */
export const tokenRights = ['identities', 'messages'] as const;

const Scope = z.union([z.literal('all'), z.array(z.string())]);
const Row = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(tokenRoles),
  establishments: z.string().transform((text) => Scope.parse(JSON.parse(text))),
  rights: z.string().transform((text) => z.array(z.enum(tokenRights)).parse(JSON.parse(text))),
  purpose: z.string(),
  reference: z.string(),
  created_at: z.number(),
  expires_at: z.number(),
  last_used_at: z.number().nullable(),
  revoked_at: z.number().nullable()
});

/** A bearer token for search (ITI-81, ITI-82): who asks, whose rows, until when. Times are ms since 1970. */
export type SearchToken = z.infer<typeof Row>;
export type NewToken = Pick<
  SearchToken,
  'name' | 'role' | 'establishments' | 'rights' | 'purpose' | 'reference' | 'expires_at'
>;

/** Search tokens. The caller holds 256 random bits; only their SHA-256 is kept. */
export class Tokens {
  readonly #database: DatabaseSync;
  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** @param id 12 hexadecimal digits @returns the token's text, told once, and its id */
  create(token: NewToken, now: number, id: string): { readonly id: string; readonly text: string } {
    const text = `vigie_${id}_${randomBytes(32).toString('base64url')}`;
    this.#database
      .prepare(
        `INSERT INTO token (id, hash, name, role, establishments, rights, purpose, reference, created_at, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
      )
      .run(id, hash(text), token.name, token.role, JSON.stringify(token.establishments), JSON.stringify(token.rights), token.purpose, token.reference, now, token.expires_at); // prettier-ignore
    return { id, text };
  }

  /** The live token of this text. Notes its use, at most once a minute. */
  find(text: string, now: number): SearchToken | undefined {
    const row = this.#database.prepare('SELECT * FROM token WHERE hash = ?').get(hash(text));
    if (row === undefined) return undefined;
    const token = Row.parse(row);
    if (token.revoked_at !== null || token.expires_at <= now) return undefined;
    if (now - (token.last_used_at ?? 0) > 60_000)
      this.#database.prepare('UPDATE token SET last_used_at = ? WHERE id = ?').run(now, token.id);
    return token;
  }

  list(): SearchToken[] {
    return this.#database.prepare('SELECT * FROM token ORDER BY created_at').all().map((row) => Row.parse(row)); // prettier-ignore
  }

  /** @returns whether there was a token of this id that was not revoked yet */
  revoke(id: string, now: number): boolean {
    const { changes } = this.#database
      .prepare('UPDATE token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL')
      .run(now, id);
    return Number(changes) > 0;
  }
}

/** Establishments of a token among those declared, '' for shared and unknown ones when it sees all of them. */
export function tokenScope(token: Pick<SearchToken, 'establishments'>, config: Config): string[] {
  const declared = config.establishments.map(({ id }) => id);
  const { establishments } = token;
  return establishments === 'all' ? [...declared, ''] : declared.filter((id) => establishments.includes(id));
}

const hash = (text: string) => createHash('sha256').update(text).digest();
