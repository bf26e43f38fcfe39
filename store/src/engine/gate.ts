import { EngineError } from './error.ts';

interface Waiter<T> {
  readonly take: (resource: T) => void;
  readonly leave: (error: Error) => void;
}

/**
 * Lends a fixed set of resources, first come first served. Who finds the queue full, or waits too long, is refused with
 * ClickHouse's code 202; who leaves gives up its place.
 */
export class Gate<T> {
  readonly #free: T[];
  readonly #waiting = new Set<Waiter<T>>();
  readonly #queueLimit: number;
  readonly #waitMs: number;

  constructor(resources: readonly T[], queueLimit: number, waitMs: number) {
    this.#free = [...resources];
    this.#queueLimit = queueLimit;
    this.#waitMs = waitMs;
  }

  async with<R>(gone: AbortSignal, use: (resource: T) => Promise<R>): Promise<R> {
    const resource = await this.#take(gone);
    try {
      return await use(resource);
    } finally {
      const [next] = this.#waiting;
      if (next) next.take(resource);
      else this.#free.push(resource);
    }
  }

  /** Refuses everybody in the queue. */
  close(): void {
    for (const waiter of this.#waiting)
      waiter.leave(new EngineError(236, 'ABORTED', 'The engine is stopping'));
  }

  async #take(gone: AbortSignal): Promise<T> {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const busy = () =>
      new EngineError(
        202,
        'TOO_MANY_SIMULTANEOUS_QUERIES',
        'Too many simultaneous queries: try again in a moment'
      );
    if (this.#waiting.size >= this.#queueLimit) throw busy();
    const place = Promise.withResolvers<T>();
    // Out of the queue in the same tick as the decision: a resource handed to who already left would be lost.
    const waiter: Waiter<T> = {
      take: (resource) => (this.#waiting.delete(waiter), place.resolve(resource)),
      leave: (error) => (this.#waiting.delete(waiter), place.reject(error))
    };
    this.#waiting.add(waiter);
    const left = () => waiter.leave(new EngineError(210, 'NETWORK_ERROR', 'The client left'));
    const timer = setTimeout(() => waiter.leave(busy()), this.#waitMs);
    gone.addEventListener('abort', left);
    try {
      return await place.promise;
    } finally {
      clearTimeout(timer);
      gone.removeEventListener('abort', left);
    }
  }
}
