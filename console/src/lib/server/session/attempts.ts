import type { DatabaseSync } from 'node:sqlite';

const windowMs = 15 * 60_000;
/** Failed sign-ins allowed in the window: for one account, and from one address. */
const limits = { account: 8, address: 40 };

/** Failed sign-ins, counted by account and by address, so that guessing is slow whichever way it is tried. */
export class Attempts {
  readonly #database: DatabaseSync;
  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Milliseconds to wait before another try, 0 when it may be made now. */
  wait(login: string, address: string, now: number): number {
    return Math.max(
      this.#wait(`account:${login}`, limits.account, now),
      this.#wait(`address:${address}`, limits.address, now)
    );
  }

  /** True once for each account and address that must wait: the refusals after it need not be told again. */
  firstRefusal(login: string, address: string, now: number): boolean {
    const [account, from] = [`account:${login}`, `address:${address}`];
    const key = this.#wait(account, limits.account, now) > 0 ? account : from;
    const told = this.#database
      .prepare('SELECT at FROM attempt WHERE key = ? AND at > ? LIMIT 1')
      .get(`refused:${key}`, now - windowMs);
    if (told !== undefined) return false;
    this.#database.prepare('INSERT INTO attempt (key, at) VALUES (?, ?)').run(`refused:${key}`, now);
    return true;
  }

  #wait(key: string, limit: number, now: number): number {
    const rows = this.#database
      .prepare('SELECT at FROM attempt WHERE key = ? AND at > ? ORDER BY at DESC LIMIT ?')
      .all(key, now - windowMs, limit);
    const oldest = rows[limit - 1]?.['at'];
    return typeof oldest === 'number' ? oldest + windowMs - now : 0;
  }

  /** Counts a try before the password is checked: many tries at once are many tries. */
  begin(login: string, address: string, now: number): void {
    this.#database.prepare('DELETE FROM attempt WHERE at <= ?').run(now - windowMs);
    const add = this.#database.prepare('INSERT INTO attempt (key, at) VALUES (?, ?)');
    add.run(`account:${login}`, now);
    add.run(`address:${address}`, now);
  }

  /** The password was right: the account's tries are forgotten, and this one of the address. */
  succeeded(login: string, address: string, now: number): void {
    this.#database.prepare('DELETE FROM attempt WHERE key = ?').run(`account:${login}`);
    this.#database
      .prepare(
        'DELETE FROM attempt WHERE rowid IN (SELECT rowid FROM attempt WHERE key = ? AND at = ? LIMIT 1)'
      )
      .run(`address:${address}`, now);
  }
}
