import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync, renameSync, statSync, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';

export interface ChildSpec {
  readonly name: string;
  readonly script: string;
  readonly args?: readonly string[];
  /** Ready lines come within this time, ms. */
  readonly readyWithinMs: number;
}

const Ready = z.looseObject({ ready: z.literal(true), url: z.string().optional() });
const maxLogBytes = 20_000_000;

/** Longest pause before a dead process is started again, and how many deaths in a row are too many. */
const maxPauseMs = 30_000;
const maxDeaths = 8;

/**
 * One process of ours, watched: its output goes to a file of bounded size, and it is started again when it dies by itself,
 * after a growing pause.
 */
export class Child {
  readonly spec: ChildSpec;
  readonly #options: {
    cwd: string;
    env: Record<string, string | undefined>;
    logFile: string;
    say: (line: string) => void;
    fatal: (sentence: string) => void;
  };
  #process: ChildProcess | undefined;
  #log: WriteStream | undefined;
  #stopping = false;
  #deaths = 0;
  #lastWords = '';

  constructor(
    spec: ChildSpec,
    options: {
      cwd: string;
      env: Record<string, string | undefined>;
      logFile: string;
      say: (line: string) => void;
      fatal: (sentence: string) => void;
    }
  ) {
    this.spec = spec;
    this.#options = options;
  }

  /** Starts it and waits for its ready line. Rejects with its last words when it exits before. */
  async start(): Promise<{ url?: string | undefined }> {
    const { cwd, env, logFile, say } = this.#options;
    const log = this.#openLog(logFile);
    const child = spawn(process.execPath, [this.spec.script, ...(this.spec.args ?? [])], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true
    });
    this.#process = child;
    this.#lastWords = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log.write(text);
      this.#lastWords = (this.#lastWords + text).slice(-2000);
    });
    return new Promise((resolve, reject) => {
      let ready = false;
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        reject(
          new Error(
            `${this.spec.name} was not ready within ${this.spec.readyWithinMs / 1000} s: see ${logFile}.`
          )
        );
      }, this.spec.readyWithinMs);
      createInterface({ input: child.stdout }).on('line', (line) => {
        log.write(`${line}\n`);
        if (ready || !line.startsWith('{"ready"')) return;
        const parsed = Ready.safeParse(JSON.parse(line));
        if (!parsed.success) return;
        ready = true;
        clearTimeout(timer);
        setTimeout(() => (this.#deaths = 0), 60_000).unref();
        resolve({ url: parsed.data.url });
      });
      child.on('exit', (code, signal) => {
        clearTimeout(timer);
        this.#process = undefined;
        if (!ready)
          return reject(
            new Error(
              this.#lastWords.trim() || `${this.spec.name} exited with ${code ?? signal}: see ${logFile}.`
            )
          );
        if (this.#stopping) return;
        say(
          `${this.spec.name} stopped by itself (${code ?? signal}); its log: ${logFile}. It is started again.`
        );
        this.#again();
      });
    });
  }

  #again(): void {
    if (++this.#deaths > maxDeaths)
      return this.#options.fatal(`${this.spec.name} keeps stopping: see ${this.#options.logFile}.`);
    const pause = Math.min(maxPauseMs, 500 * 2 ** (this.#deaths - 1));
    setTimeout(() => {
      if (this.#stopping) return;
      this.start().catch((error: Error) => {
        this.#options.say(error.message);
        if (!this.#stopping) this.#again();
      });
    }, pause);
  }

  /** SIGTERM, then SIGKILL after `ms`. Resolves once it is gone. */
  async stop(ms: number): Promise<void> {
    this.#stopping = true;
    const child = this.#process;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), ms);
    await gone;
    clearTimeout(timer);
  }

  kill(): void {
    this.#stopping = true;
    this.#process?.kill('SIGKILL');
  }

  /** One file and the one before it: a log cannot fill the disk. */
  #openLog(file: string): WriteStream {
    if (existsSync(file) && statSync(file).size > maxLogBytes / 2) renameSync(file, `${file}.1`);
    this.#log?.end();
    this.#log = createWriteStream(file, { flags: 'a', mode: 0o600 });
    const log = this.#log;
    let written = 0;
    const write = log.write.bind(log);
    log.write = ((chunk: string) => {
      written += chunk.length;
      return written > maxLogBytes ? true : write(chunk);
    }) as typeof log.write;
    return log;
  }
}
