import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

const ReadyLine = z.looseObject({ ready: z.literal(true), process: z.string() });
export type ReadyLine = z.infer<typeof ReadyLine>;

/** One real process of ours, started for a test. */
export interface TestProcess {
  readonly ready: ReadyLine;
  readonly child: ChildProcess;
  /** Everything it wrote so far. */
  output(): string;
  /** SIGTERM, then waits for the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL, as a power cut would. */
  kill9(): Promise<void>;
}

/** Starts `node <script>` and waits for its ready line. Rejects with its output when it exits before. */
export async function startProcess(
  script: string,
  options: {
    readonly env?: Record<string, string | undefined>;
    readonly args?: readonly string[];
    /** Options of node itself. */
    readonly flags?: readonly string[];
    readonly readyWithinMs?: number;
  } = {}
): Promise<TestProcess> {
  const child = spawn(process.execPath, [...(options.flags ?? []), script, ...(options.args ?? [])], {
    cwd: root,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe']
  });
  let output = '';
  const keep = (text: string) => (output = (output + text).slice(-200_000));
  child.stderr.setEncoding('utf8').on('data', keep);
  const exited = once(child, 'exit');
  const ready = await new Promise<ReadyLine>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${script} was not ready in time:\n${output}`));
    }, options.readyWithinMs ?? 60_000);
    createInterface({ input: child.stdout }).on('line', (line) => {
      keep(`${line}\n`);
      if (!line.includes('"ready"')) return;
      const parsed = ReadyLine.safeParse(JSON.parse(line));
      if (!parsed.success) return;
      clearTimeout(timer);
      resolve(parsed.data);
    });
    void exited.then(([code]) => {
      clearTimeout(timer);
      reject(new Error(`${script} exited with ${String(code)} before it was ready:\n${output}`));
    });
  });
  return {
    ready,
    child,
    output: () => output,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await exited;
      }
      return child.exitCode;
    },
    async kill9() {
      child.kill('SIGKILL');
      await exited;
    }
  };
}
