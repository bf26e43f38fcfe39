import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Session } from 'chdb';
import type { Role } from './request.ts';

/** One statement, and what is said to the session before and after it. */
export interface Job {
  readonly before: string;
  readonly after: string;
  readonly database: string;
  readonly sql: string;
  /** Format of what the statement itself answers; what goes through the pipe has its own. */
  readonly format: string;
}

/** Rows and bytes of the result (written, for an INSERT), and what was answered outside the pipe; or the error. */
export type Outcome =
  { readonly rows: number; readonly bytes: number; readonly text: Uint8Array } | { readonly error: string };

/**
 * A chDB session of one role, which serves one query at a time, and a named pipe through which the engine writes rows: in
 * the very bytes of the format, as fast as they are taken, in the room of one pipe. chDB's own streams are not used:
 * they make every block a document of its own, and plan the query on the caller's thread.
 * A session keeps what it is told; what cannot be taken back costs the session.
 */
export class Slot {
  readonly pipePath: string;
  readonly #open: () => Session;
  readonly #role: Role;
  #session: Session | undefined;
  #database = 'default';

  /** @param pipePath a FIFO made before */
  constructor(role: Role, pipePath: string, open: () => Session) {
    this.#role = role;
    this.#open = open;
    this.pipePath = pipePath;
  }

  async run(job: Job): Promise<Outcome> {
    try {
      const session = await this.#ready(job.database);
      try {
        await session.queryAsync(job.before);
        const result = await session.queryAsync(job.sql, { format: job.format });
        return { rows: result.rowsRead, bytes: result.bytesRead, text: result.bytes() };
      } finally {
        // Also lets go of what a failed query took: chDB keeps it until the session's next statement.
        await session.queryAsync(job.after).catch(() => this.close());
      }
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }

  /**
   * Runs a statement that writes into the pipe.
   * @returns the rows as they come, ending when the statement has ended, well or not; and its outcome
   */
  runIntoPipe(job: Job): { readonly rows: Socket; readonly outcome: Promise<Outcome> } {
    // Non-blocking, since no writer is there yet; then our own write end, since without any the pipe would end at once.
    const fd = openSync(this.pipePath, constants.O_RDONLY | constants.O_NONBLOCK);
    const held = openSync(this.pipePath, constants.O_WRONLY | constants.O_NONBLOCK);
    const rows = new Socket({ fd, readable: true, writable: false });
    const outcome = this.run(job).finally(() => closeSync(held));
    return { rows, outcome };
  }

  close(): void {
    this.#session?.close();
    this.#session = undefined;
  }

  async #ready(database: string): Promise<Session> {
    if (this.#session && this.#database !== database) this.close();
    if (this.#session) return this.#session;
    const session = this.#open();
    try {
      await session.queryAsync(`SET ROLE vigie_${this.#role}`);
      if (database !== 'default') await session.queryAsync(`USE \`${database}\``);
      // 2, not 1: settings must change with every query. Writing is refused all the same, and 2 cannot be lifted.
      if (this.#role === 'reader') await session.queryAsync('SET readonly = 2');
    } catch (error) {
      session.close();
      throw error;
    }
    this.#database = database;
    return (this.#session = session);
  }
}
