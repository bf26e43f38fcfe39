import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { createWriter, type ClickHouseClient, type StoreAddress } from '@vigie/store';
import { lanes, type Lane } from '../reception.ts';
import type { SpoolEnvironment } from '../spool/environment.ts';
import { LaneDrain } from '../store/drain.ts';
import type { PipelineEvent } from './event.ts';
import { stateKeys } from './plan.ts';
import { sealLimits } from './seal-lane.ts';
import { Signal } from './signal.ts';
import type { WorkerEvent, WorkerInput, WorkerOrder } from './worker.ts';

/** Deaths of the worker within a minute that are taken for a lasting fault. */
const fatalDeaths = 5;
/** Decoding makes much that dies young: room for it costs memory and saves collections. More than this saves no more. */
const youngMb = 24;
/** Pause after a failed insert, ms: doubled each time up to the last. */
const [firstPauseMs, lastRetryMs, lastParkMs] = [100, 5_000, 10_000] as const;

export interface PipelineListeners {
  event(event: PipelineEvent): void;
  death(error: Error): void;
  /** The worker cannot be kept alive, or the spool cannot be read: the process must end visibly. */
  fatal(error: Error): void;
}

/**
 * From spool to store. A worker thread seals (decoding is most of the work); this thread sends the plans it made, one loop a
 * lane. The worker is replaced when it dies, and after `fatalDeaths` deaths in a minute `fatal` is told, since a collector
 * that takes in and stores nothing must not look well.
 */
export class Pipeline {
  readonly #input: WorkerInput;
  readonly #listeners: PipelineListeners;
  readonly #client: ClickHouseClient;
  readonly #signals = new Map<Lane, Signal>();
  readonly #drains: readonly LaneDrain[];
  #worker: Worker;
  #deaths: number[] = [];
  #asked = false;
  #flushed: Promise<unknown> | undefined;
  #stopped = false;

  constructor(
    input: WorkerInput,
    spool: SpoolEnvironment,
    store: StoreAddress,
    listeners: PipelineListeners
  ) {
    this.#input = input;
    this.#listeners = listeners;
    this.#client = createWriter(store);
    this.#worker = this.#start();
    const durable = new Float64Array(input.durable);
    this.#drains = lanes.map((lane, i) => {
      const sealed = () => Number(spool.state.get(stateKeys.sealed(lane)) ?? 1);
      const moreToCome = () => (durable[i] ?? 1) - sealed() >= sealLimits.records;
      const drain = new LaneDrain(lane, { spool, client: this.#client, tell: listeners.event, moreToCome });
      const signal = new Signal();
      this.#signals.set(lane, signal);
      this.#drain(drain, signal).catch((error: Error) => {
        if (!this.#stopped) listeners.fatal(error);
      });
      return drain;
    });
  }

  #start(): Worker {
    // A small young generation that the process was started with (tools/src/start/collector-memory.ts) is for this thread alone.
    setFlagsFromString('--max-semi-space-size=0');
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: this.#input,
      resourceLimits: { maxYoungGenerationSizeMb: youngMb }
    });
    let reason = new Error('the seal worker ended');
    worker.on('message', (event: WorkerEvent) => {
      if (event === 'sealed') for (const signal of this.#signals.values()) signal.raise();
    });
    worker.on('error', (error) => (reason = error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => {
      if (this.#flushed) return;
      this.#listeners.death(reason);
      const now = Date.now();
      this.#deaths = [...this.#deaths.filter((at) => now - at < 60_000), now];
      if (this.#deaths.length >= fatalDeaths) this.#listeners.fatal(reason);
      else
        setTimeout(() => {
          if (!this.#flushed) this.#worker = this.#start();
        }, 500 * this.#deaths.length);
    });
    return worker;
  }

  /** Stores plans in order; waits longer after each failure. */
  async #drain(drain: LaneDrain, signal: Signal): Promise<void> {
    let pause: number = firstPauseMs;
    while (!this.#stopped) {
      const outcome = await drain.store();
      if (outcome === 'idle') await signal.wait(1000);
      else if (outcome === 'stored' || outcome === 'isolate') {
        pause = firstPauseMs;
        this.go();
      } else {
        await signal.wait(pause);
        pause = Math.min(outcome === 'park' ? lastParkMs : lastRetryMs, pause * 2);
      }
    }
  }

  /** Records reached the disk, or room came for a plan. One order serves all of the same turn. */
  go(): void {
    if (this.#asked || this.#stopped) return;
    this.#asked = true;
    setImmediate(() => {
      this.#asked = false;
      this.#worker.postMessage('go' satisfies WorkerOrder);
    });
  }

  /** Seals and stores what is there, at most for `ms`; what is left is taken up at the next start. */
  async stop(ms: number): Promise<void> {
    const until = Date.now() + ms;
    const exited = once(this.#worker, 'exit');
    this.#flushed = exited;
    this.#worker.postMessage('flush' satisfies WorkerOrder);
    await Promise.race([exited, sleep(ms)]);
    while (Date.now() < until && this.#drains.some((drain) => !drain.idle)) await sleep(20);
    this.#stopped = true;
    for (const signal of this.#signals.values()) signal.raise();
    await this.#worker.terminate();
    await this.#client.close();
  }
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
