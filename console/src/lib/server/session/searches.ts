import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { Sought } from '#lib/explorer/sought.ts';
import type { Sealed } from './sealed.ts';

const lifeMs = 12 * 3_600_000;
/** Named searches of one account. */
export const mostSaved = 100;

const Saved = z.object({ id: z.string(), name: z.string(), query: z.string(), content: z.instanceof(Uint8Array).nullable(), created_at: z.number() }); // prettier-ignore

/** A search kept under a name: the page's filters as its address tells them, and whom it is about, if anyone. */
export interface SavedSearch {
  readonly id: string;
  readonly name: string;
  readonly query: string;
  readonly sought: Sought | undefined;
  readonly createdAt: number;
}

/**
 * Searches under opaque ids, for the account that made them: what identifies someone is posted, turned to pseudonyms at once,
 * kept sealed, and never stands in a URL. Those without a name are forgotten after twelve hours.
 */
export class Searches {
  readonly #database: DatabaseSync;
  readonly #sealed: Sealed;
  constructor(database: DatabaseSync, sealed: Sealed) {
    this.#database = database;
    this.#sealed = sealed;
  }

  keep(login: string, sought: Sought, now: number): string {
    this.#database.prepare('DELETE FROM sought WHERE created_at < ?').run(now - lifeMs);
    const id = randomBytes(12).toString('base64url');
    this.#database
      .prepare('INSERT INTO sought (id, login, content, created_at) VALUES (?, ?, ?, ?)')
      .run(id, login, this.#sealed.seal(JSON.stringify(sought), `${login} ${id}`), now);
    return id;
  }

  /** What a search is about, for the account that made it and while it lives. */
  find(id: string, login: string, now: number): Sought | undefined {
    const row = this.#database
      .prepare('SELECT content FROM sought WHERE id = ? AND login = ? AND created_at >= ?')
      .get(id, login, now - lifeMs);
    return row === undefined ? undefined : this.#open(row['content'], `${login} ${id}`);
  }

  /** Keeps the page's filters under a name. @returns its id; undefined when the account keeps as many as it may */
  save(
    login: string,
    name: string,
    query: string,
    sought: Sought | undefined,
    now: number
  ): string | undefined {
    // prettier-ignore
    if (this.list(login).length >= mostSaved) return undefined;
    const id = randomBytes(12).toString('base64url');
    const content = sought && this.#sealed.seal(JSON.stringify(sought), `${login} ${id}`);
    this.#database
      .prepare(
        'INSERT INTO saved_search (id, login, name, query, content, created_at) VALUES (?, ?, ?, ?, ?, ?)'
      ) // prettier-ignore
      .run(id, login, name, query, content ?? null, now);
    return id;
  }

  /** The account's named searches, by name. One that cannot be opened any more, its key being gone, is left out. */
  list(login: string): SavedSearch[] {
    const rows = this.#database
      .prepare(
        'SELECT id, name, query, content, created_at FROM saved_search WHERE login = ? ORDER BY name COLLATE NOCASE, created_at'
      ) // prettier-ignore
      .all(login);
    return z.array(Saved).parse(rows).flatMap(({ content, created_at, ...rest }) => {
      const sought = content === null ? undefined : this.#open(content, `${login} ${rest.id}`);
      return content !== null && sought === undefined ? [] : [{ ...rest, sought, createdAt: created_at }];
    }); // prettier-ignore
  }

  /** @returns whether the account had that search */
  rename(login: string, id: string, name: string): boolean {
    return (
      this.#database
        .prepare('UPDATE saved_search SET name = ? WHERE id = ? AND login = ?')
        .run(name, id, login).changes === 1
    );
  }

  remove(login: string, id: string): boolean {
    return (
      this.#database.prepare('DELETE FROM saved_search WHERE id = ? AND login = ?').run(id, login).changes ===
      1
    );
  }

  #open(content: unknown, about: string): Sought | undefined {
    const text = this.#sealed.open(z.instanceof(Uint8Array).parse(content), about);
    return text === undefined ? undefined : Sought.parse(JSON.parse(text));
  }
}
