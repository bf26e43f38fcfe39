import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { Config } from '@vigie/schemas';
import { generatePassword, hashPassword, verifyPassword } from './password.ts';

const Row = z.object({ login: z.string(), hash: z.string(), must_change: z.number() });

/** Passwords of the accounts of vigie.yaml. An account that left the file cannot sign in, whatever is kept here. */
export class Accounts {
  readonly #database: DatabaseSync;
  readonly #config: Config;
  constructor(database: DatabaseSync, config: Config) {
    this.#database = database;
    this.#config = config;
  }

  /** Gives a first password to each account that has none. @returns those, to be told once */
  async provision(now: number): Promise<{ login: string; password: string }[]> {
    const created = [];
    for (const { login } of this.#config.accounts) {
      if (this.#find(login)) continue;
      const password = generatePassword();
      this.#database
        .prepare('INSERT INTO account (login, hash, must_change, changed_at) VALUES (?, ?, 1, ?)')
        .run(login, await hashPassword(password), now);
      created.push({ login, password });
    }
    return created;
  }

  #find(login: string) {
    const row = this.#database
      .prepare('SELECT login, hash, must_change FROM account WHERE login = ?')
      .get(login);
    return row === undefined ? undefined : Row.parse(row);
  }

  /** The account, when login and password are right. Takes the same time when they are not. */
  async check(login: string, password: string) {
    const account = this.#config.accounts.find((one) => one.login === login);
    const row = account && this.#find(login);
    return (await verifyPassword(password, row?.hash)) ? account : undefined;
  }

  account(login: string) {
    return this.#config.accounts.find((one) => one.login === login);
  }

  mustChange(login: string): boolean {
    return this.#find(login)?.must_change !== 0;
  }

  async change(login: string, password: string, now: number): Promise<void> {
    this.#database
      .prepare('UPDATE account SET hash = ?, must_change = 0, changed_at = ? WHERE login = ?')
      .run(await hashPassword(password), now, login);
  }
}
