import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { startOf } from '@vigie/store/process-table';
import type { Complaints } from './complaints.ts';
import { LogFile } from './log-file.ts';

export interface ChildSpec {
  readonly name: string;
  /** Script and arguments, run under the Node.js of this process. */
  readonly command: readonly string[];
  /** Variables of its own, beside those of all. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long it may take until it says that it is ready, ms. */
  readonly readyWithinMs: number;
  /** Stopped before the others, whenever it was started: what only sends. */
  readonly stopsFirst?: boolean;
}

export interface ChildSurroundings {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly logFolder: string;
  readonly say: (line: string) => void;
  readonly complaints: Complaints;
  /** Told whenever the process is another one. */
  readonly changed: () => void;
}

const Ready = z.looseObject({ ready: z.literal(true), url: z.string().optional() });
export type Ready = z.infer<typeof Ready>;

const maxLogBytes = 20_000_000;
/** A process that lived this long has recovered: its next death is its first again. */
const recoveredMs = 60_000;

/** Pause before a process that died `deaths` times in a row is started again, ms. */
export const pauseAfter = (deaths: number): number => Math.min(30_000, 500 * 2 ** (deaths - 1));

/**
 * One process of ours, watched. Its output goes to its log; when it ends by itself it is started again after a growing pause,
 * until stop() or kill().
 */
export class Child {
  readonly spec: ChildSpec;
  readonly #around: ChildSurroundings;
  readonly #log: LogFile;
  #process: ChildProcess | undefined;
  #stopping = false;
  #deaths = 0;

  constructor(spec: ChildSpec, around: ChildSurroundings) {
    this.spec = spec;
    this.#around = around;
    this.#log = new LogFile(`${around.logFolder}/${spec.name}.log`, maxLogBytes);
  }

  /** Number and beginning of the process that runs now. */
  get identity(): { pid: number; start: number } | undefined {
    const pid = this.#process?.pid;
    const start = pid === undefined ? undefined : startOf(pid);
    return pid === undefined || start === undefined ? undefined : { pid, start };
  }

  /** Starts it. Resolves with its ready line; rejects with its last words when it ends before. */
  async start(): Promise<Ready> {
    const { name, command, readyWithinMs } = this.spec;
    const began = Date.now();
    // A group of its own: Ctrl-C in the terminal reaches the supervisor alone, which stops everything in order.
    const child = spawn(process.execPath, command, {
      cwd: this.#around.cwd,
      env: { ...this.spec.env, ...this.#around.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true
    });
    this.#process = child;
    this.#around.changed();
    const lastWords: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      this.#keep(line);
      if (lastWords.push(line) > 20) lastWords.shift();
    });
    return new Promise((resolve, reject) => {
      let ready = false;
      const late = setTimeout(() => {
        lastWords.push(`${name} was not ready within ${readyWithinMs / 1000} s: see ${this.#log.path}.`);
        child.kill('SIGKILL');
      }, readyWithinMs);
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.#keep(line);
        const told = ready || !line.startsWith('{"ready"') ? undefined : Ready.safeParse(JSON.parse(line));
        if (!told?.success) return;
        ready = true;
        clearTimeout(late);
        resolve(told.data);
      });
      child.on('error', (error) => lastWords.push(error.message));
      child.on('close', (code, signal) => {
        clearTimeout(late);
        this.#process = undefined;
        this.#around.changed();
        const how = signal ?? `code ${code ?? '?'}`;
        if (!ready)
          return reject(
            new Error(lastWords.join('\n').trim() || `${name} ended (${how}): see ${this.#log.path}.`)
          );
        if (this.#stopping) return;
        if (Date.now() - began > recoveredMs) this.#deaths = 0;
        this.#again(`ended by itself (${how}); its last words are in ${this.#log.path}`);
      });
    });
  }

  #again(what: string): void {
    const pause = pauseAfter(++this.#deaths);
    this.#around.say(`${this.spec.name} ${what}. It is started again in ${pause / 1000} s.`);
    setTimeout(() => {
      if (this.#stopping) return;
      this.start().then(
        () => this.#around.say(`${this.spec.name} runs again.`),
        (error: Error) => {
          if (!this.#stopping) this.#again(`does not start: ${error.message}`);
        }
      );
    }, pause);
  }

  #keep(line: string): void {
    this.#log.write(line);
    this.#around.complaints.see(this.spec.name, line, this.#log.path, Date.now());
  }

  /** SIGTERM, then SIGKILL after `graceMs`. Resolves once it is gone; tells whether it went by itself. */
  async stop(graceMs: number): Promise<boolean> {
    this.#stopping = true;
    const child = this.#process;
    let obeyed = true;
    if (child && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      const timer = setTimeout(() => {
        obeyed = false;
        child.kill('SIGKILL');
      }, graceMs);
      await gone;
      clearTimeout(timer);
    }
    this.#log.close();
    return obeyed;
  }

  /** Ends it at once. */
  kill(): void {
    this.#stopping = true;
    this.#process?.kill('SIGKILL');
  }
}
