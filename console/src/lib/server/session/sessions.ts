import { createHash, randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

export const sessionCookie = 'vigie_session';
const idleMs = 30 * 60_000;
const absoluteMs = 12 * 3_600_000;
const Row = z.object({ login: z.string(), created_at: z.number(), seen_at: z.number() });

/** Sessions on the server. The browser holds 256 random bits; only their SHA-256 is kept. */
export class Sessions {
  readonly #database: DatabaseSync;
  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  create(login: string, now: number): string {
    const id = randomBytes(32).toString('base64url');
    this.#database
      .prepare('DELETE FROM session WHERE seen_at < ? OR created_at < ?')
      .run(now - idleMs, now - absoluteMs);
    this.#database
      .prepare('INSERT INTO session (id, login, created_at, seen_at) VALUES (?, ?, ?, ?)')
      .run(hash(id), login, now, now);
    return id;
  }

  /** Login of a live session: 30 minutes idle, 12 hours in all. */
  find(id: string | undefined, now: number): string | undefined {
    if (!id) return undefined;
    const row = this.#database
      .prepare('SELECT login, created_at, seen_at FROM session WHERE id = ?')
      .get(hash(id));
    if (row === undefined) return undefined;
    const { login, created_at, seen_at } = Row.parse(row);
    if (now - seen_at > idleMs || now - created_at > absoluteMs) return void this.end(id);
    if (now - seen_at > 30_000)
      this.#database.prepare('UPDATE session SET seen_at = ? WHERE id = ?').run(now, hash(id));
    return login;
  }

  end(id: string): void {
    this.#database.prepare('DELETE FROM session WHERE id = ?').run(hash(id));
  }

  /** Ends every session of an account: its password changed. */
  endAll(login: string): void {
    this.#database.prepare('DELETE FROM session WHERE login = ?').run(login);
  }
}

const hash = (id: string) => createHash('sha256').update(id).digest();
