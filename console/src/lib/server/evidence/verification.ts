import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Progress, Report } from '@vigie/evidence/verify/report';
import type { ThreadEvent, ThreadInput } from '@vigie/evidence/verify/thread';
import { evidenceVerified } from '@vigie/schemas/own-audit';
import type { Logger } from 'pino';
import type { Reader } from '../access/reader.ts';
import type { ConsoleConfig } from '../config.ts';
import { doerOf, type OwnAudit } from '../own-audit/own-audit.ts';

/** A verification that a reader started: running until it has a report or an error. Times are ms since 1970. */
export interface Run {
  readonly by: string;
  readonly startedAt: number;
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly progress?: Progress;
  readonly report?: Report;
  /** It could not be carried out; the log has the reason. */
  readonly failed?: true;
  readonly endedAt?: number;
}

/** Resolved at run time, so that the thread's file is the workspace's own and not a part of the built application. */
const threadFile = () => createRequire(import.meta.url).resolve('@vigie/evidence/verify/thread');

/** Runs one verification at a time, in a thread, and keeps what the last one came to. */
export class Verification {
  readonly #config: ConsoleConfig;
  readonly #ownAudit: OwnAudit;
  readonly #log: Logger;
  #worker: Worker | undefined;
  #run: Run | undefined;

  constructor(config: ConsoleConfig, ownAudit: OwnAudit, log: Logger) {
    this.#config = config;
    this.#ownAudit = ownAudit;
    this.#log = log;
  }

  get run(): Run | undefined {
    return this.#run;
  }

  get running(): boolean {
    return this.#worker !== undefined;
  }

  /** Starts one, unless one runs. The caller has checked the reader, and awaited the audit's ack. */
  start(reader: Reader, address: string, bounds: Pick<Run, 'from' | 'to'>): boolean {
    if (this.#worker) return false;
    const input: ThreadInput = {
      store: this.#config.store,
      keysFolder: join(this.#config.dataFolder, 'keys'),
      from: bounds.from,
      to: bounds.to
    };
    const worker = new Worker(threadFile(), { workerData: input });
    this.#worker = worker;
    this.#run = { by: reader.name, startedAt: Date.now(), from: bounds.from, to: bounds.to };
    const end = (result: Pick<Run, 'report' | 'failed'>) => {
      if (this.#worker !== worker || !this.#run) return;
      this.#worker = undefined;
      this.#run = { ...this.#run, ...result, endedAt: Date.now() };
      if (result.report) void this.#tell(reader, address, result.report);
    };
    const fail = (error: string) => {
      this.#log.error({ error }, 'the evidence could not be verified');
      end({ failed: true });
    };
    worker.on('message', (event: ThreadEvent) => {
      if ('progress' in event) {
        if (this.#run && this.#worker === worker) this.#run = { ...this.#run, progress: event.progress };
      } else if ('report' in event) end({ report: event.report });
      else fail(event.error);
    });
    worker.on('error', (error) => fail(error instanceof Error ? error.message : String(error)));
    worker.on('exit', () => end({ failed: true }));
    return true;
  }

  cancel(): void {
    this.#worker?.postMessage('cancel');
  }

  async #tell(
    reader: Reader,
    address: string,
    { level, chains, found, cancelled, from, to }: Report
  ): Promise<void> {
    const sum = (of: 'blocks' | 'records') => chains.reduce((total, chain) => total + chain[of], 0);
    const told = { level, blocks: sum('blocks'), records: sum('records'), found, cancelled, from, to };
    try {
      await this.#ownAudit.record(evidenceVerified(doerOf(reader, address), Date.now(), told));
    } catch {
      this.#log.error('the end of a verification could not be written to the own log');
    }
  }
}
