import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { WorkerEvent, WorkerInput, WorkerOrder } from './worker.ts';

/** Deaths of the worker within a minute that are taken for a lasting fault. */
const fatalDeaths = 5;

/**
 * The seal worker, watched: it is replaced when it dies, and after `fatalDeaths` deaths in a minute `onFatal` is told,
 * since a collector that takes in and stores nothing must not look well.
 */
export class Pipeline {
  readonly #input: WorkerInput;
  readonly #onEvent: (event: WorkerEvent) => void;
  readonly #onDeath: (error: Error) => void;
  readonly #onFatal: () => void;
  #worker: Worker;
  #deaths: number[] = [];
  #stopping = false;
  #asked = false;

  constructor(
    input: WorkerInput,
    listeners: { event: (event: WorkerEvent) => void; death: (error: Error) => void; fatal: () => void }
  ) {
    this.#input = input;
    this.#onEvent = listeners.event;
    this.#onDeath = listeners.death;
    this.#onFatal = listeners.fatal;
    this.#worker = this.#start();
  }

  #start(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: this.#input });
    let reason = new Error('the seal worker ended');
    worker.on('message', this.#onEvent);
    worker.on('error', (error) => (reason = error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => {
      if (this.#stopping) return;
      this.#onDeath(reason);
      const now = Date.now();
      this.#deaths = [...this.#deaths.filter((at) => now - at < 60_000), now];
      if (this.#deaths.length >= fatalDeaths) this.#onFatal();
      else setTimeout(() => (this.#worker = this.#start()), 500 * this.#deaths.length);
    });
    return worker;
  }

  /** Records reached the disk. One order wakes the worker for all that came in the same turn. */
  go(): void {
    if (this.#asked || this.#stopping) return;
    this.#asked = true;
    setImmediate(() => {
      this.#asked = false;
      this.#worker.postMessage('go' satisfies WorkerOrder);
    });
  }

  /** Seals and stores what is there, at most for `ms`; what is left is taken up at the next start. */
  async stop(ms: number): Promise<void> {
    this.#stopping = true;
    this.#worker.postMessage('flush' satisfies WorkerOrder);
    const timer = new Promise((resolve) => setTimeout(resolve, ms).unref());
    await Promise.race([once(this.#worker, 'exit'), timer]);
    await this.#worker.terminate();
  }
}
