import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

const lifeMs = 12 * 3_600_000;

/** Patient searches under opaque ids: an identifier is posted, turned to pseudonyms at once, and never stands in a URL. */
export class Searches {
  readonly #database: DatabaseSync;
  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** @param pseudonyms 32 hexadecimal digits each */
  keep(login: string, pseudonyms: readonly string[], now: number): string {
    this.#database.prepare('DELETE FROM search WHERE created_at < ?').run(now - lifeMs);
    const id = randomBytes(12).toString('base64url');
    this.#database
      .prepare('INSERT INTO search (id, login, pseudonyms, created_at) VALUES (?, ?, ?, ?)')
      .run(id, login, JSON.stringify(pseudonyms), now);
    return id;
  }

  /** The pseudonyms of a search, for the account that made it and while it lives. */
  find(id: string, login: string, now: number): string[] | undefined {
    const row = this.#database
      .prepare('SELECT pseudonyms FROM search WHERE id = ? AND login = ? AND created_at >= ?')
      .get(id, login, now - lifeMs);
    return row === undefined
      ? undefined
      : z.array(z.string()).parse(JSON.parse(z.string().parse(row['pseudonyms'])));
  }
}
