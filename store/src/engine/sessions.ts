import { Session } from 'chdb';
import { EngineError } from './error.ts';

/**
 * A fixed number of chDB sessions on one path. A session serves one query at a time (one active stream each), and
 * keeps what `SET` told it, so what a query needs for itself travels in its own SETTINGS clause.
 */
export class SessionPool {
  readonly #idle: Session[];
  readonly #all: readonly Session[];
  readonly #waiting: { resolve: (session: Session) => void; reject: (error: Error) => void }[] = [];
  readonly #queueLimit: number;

  constructor(
    path: string,
    options: {
      size: number;
      queueLimit: number;
      connectionArgs: readonly string[];
      prepare: readonly string[];
    }
  ) {
    this.#all = Array.from(
      { length: options.size },
      () => new Session(path, { connectionArgs: options.connectionArgs })
    );
    for (const session of this.#all) for (const statement of options.prepare) session.query(statement);
    this.#idle = [...this.#all];
    this.#queueLimit = options.queueLimit;
  }

  /** Lends a session for as long as `use` runs. Beyond the queue's limit the query is refused (code 202). */
  async with<T>(use: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.#take();
    try {
      return await use(session);
    } finally {
      const next = this.#waiting.shift();
      if (next) next.resolve(session);
      else this.#idle.push(session);
    }
  }

  async #take(): Promise<Session> {
    const idle = this.#idle.pop();
    if (idle) return idle;
    if (this.#waiting.length >= this.#queueLimit)
      throw new EngineError(
        202,
        'TOO_MANY_SIMULTANEOUS_QUERIES',
        'Too many simultaneous queries: try again in a moment'
      );
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  close(): void {
    for (const waiter of this.#waiting.splice(0))
      waiter.reject(new EngineError(236, 'ABORTED', 'The engine is stopping'));
    for (const session of this.#all) session.close();
  }
}
