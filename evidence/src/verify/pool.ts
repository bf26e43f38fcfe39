import { Worker } from 'node:worker_threads';
import type { RangeTask } from './block-task.ts';
import type { RangeResult } from './verify-range.ts';
import type { WorkerInput, WorkerReply } from './worker.ts';

interface Job {
  readonly task: RangeTask;
  readonly done: (result: RangeResult) => void;
  readonly failed: (error: Error) => void;
}

/**
 * Threads that check ranges, each with its own connection: while one waits for ClickHouse another one hashes.
 * `submit` waits for a free place, so that no more than two ranges a thread are held.
 */
export class Pool {
  readonly #free: Worker[] = [];
  readonly #all: Worker[] = [];
  readonly #jobs = new Map<Worker, Job>();
  readonly #waiting: Job[] = [];
  #room: (() => void)[] = [];
  #broken: Error | undefined;

  constructor(size: number, input: WorkerInput) {
    for (let n = 0; n < size; n++) {
      const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: input });
      worker.on('message', (reply: WorkerReply) => this.#settle(worker, reply));
      worker.on('error', (error) => this.#break(error));
      this.#all.push(worker);
      this.#free.push(worker);
    }
  }

  /** Hands a range over. @returns once it is taken; `result` settles when it is checked */
  async submit(task: RangeTask): Promise<{ readonly result: Promise<RangeResult> }> {
    while (this.#waiting.length >= this.#all.length && !this.#broken)
      await new Promise<void>((resolve) => this.#room.push(resolve));
    if (this.#broken) throw this.#broken;
    const result = new Promise<RangeResult>((done, failed) => this.#waiting.push({ task, done, failed }));
    this.#next();
    return { result };
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((worker) => worker.terminate()));
  }

  #next(): void {
    while (this.#free.length > 0 && this.#waiting.length > 0) {
      const worker = this.#free.pop();
      const job = this.#waiting.shift();
      if (!worker || !job) return;
      this.#jobs.set(worker, job);
      worker.postMessage(job.task);
    }
    for (const go of this.#room.splice(0)) go();
  }

  #settle(worker: Worker, reply: WorkerReply): void {
    const job = this.#jobs.get(worker);
    this.#jobs.delete(worker);
    this.#free.push(worker);
    if ('error' in reply) job?.failed(new Error(reply.error));
    else job?.done(reply.result);
    this.#next();
  }

  #break(error: Error): void {
    this.#broken = error;
    for (const { failed } of [...this.#jobs.values(), ...this.#waiting]) failed(error);
    for (const go of this.#room.splice(0)) go();
  }
}
