import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { lives, signal } from '@vigie/store/process-table';
import { Child, type ChildSpec, type Ready } from './child.ts';
import { Complaints } from './complaints.ts';

/** How long a process may take to stop in order: the collector drains what it holds. */
const graceMs = 25_000;

const Strays = z.array(z.object({ name: z.string(), pid: z.int(), start: z.int() }));

/**
 * The processes of one start, in the order in which they were started. `run/children.json` names those that run, so that the
 * next start ends what a killed supervisor left behind.
 */
export class Supervisor {
  readonly #options: {
    readonly cwd: string;
    readonly dataFolder: string;
    readonly env: NodeJS.ProcessEnv;
    readonly say: (line: string) => void;
  };
  readonly #children: Child[] = [];
  readonly #complaints: Complaints;

  constructor(options: {
    cwd: string;
    dataFolder: string;
    env: NodeJS.ProcessEnv;
    say: (line: string) => void;
  }) {
    this.#options = options;
    this.#complaints = new Complaints(options.say);
  }

  /** Starts one more and waits until it is ready. Rejects with its own sentence when it cannot. */
  start(spec: ChildSpec): Promise<Ready> {
    const { cwd, dataFolder, env, say } = this.#options;
    const child = new Child(spec, {
      cwd,
      env,
      say,
      logFolder: join(dataFolder, 'logs'),
      complaints: this.#complaints,
      changed: () => this.#write()
    });
    this.#children.push(child);
    return child.start();
  }

  /** Stops all in reverse order: what sends before what receives, what receives before what stores. */
  async stop(): Promise<void> {
    const order = this.#children
      .toReversed()
      .sort((a, b) => Number(b.spec.stopsFirst ?? false) - Number(a.spec.stopsFirst ?? false));
    for (const child of order)
      if (!(await child.stop(graceMs)))
        this.#options.say(`${child.spec.name} did not stop within ${graceMs / 1000} s and was ended.`);
    rmSync(this.#file, { force: true });
  }

  kill(): void {
    for (const child of this.#children) child.kill();
  }

  /** Ends the processes of a supervisor that was killed. The lock of the folder must be held. */
  async endStrays(): Promise<void> {
    const strays = this.#strays().filter(lives);
    if (strays.length === 0) return;
    this.#options.say(`ending what an earlier start left: ${strays.map(({ name }) => name).join(', ')}`);
    for (const stray of strays.toReversed()) {
      signal(stray, 'SIGTERM');
      for (let waited = 0; waited < graceMs && lives(stray); waited += 100) await sleep(100);
      signal(stray, 'SIGKILL');
    }
  }

  get #file(): string {
    return join(this.#options.dataFolder, 'run', 'children.json');
  }

  #strays(): z.infer<typeof Strays> {
    try {
      return Strays.parse(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch {
      return [];
    }
  }

  #write(): void {
    const running = this.#children.flatMap(({ spec, identity }) =>
      identity ? [{ name: spec.name, ...identity }] : []
    );
    try {
      writeFileSync(this.#file, JSON.stringify(running), { mode: 0o600 });
    } catch {
      // A full disk must not end the start; only strays would not be found.
    }
  }
}
