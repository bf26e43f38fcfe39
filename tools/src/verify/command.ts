import { spawn } from 'node:child_process';

export interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
  /** What it said, when it failed. */
  readonly output: string;
}

/** Runs programs one after another below `cwd`; the first that fails ends it. Colours are kept off. */
export async function runCommands(
  name: string,
  cwd: string,
  commands: readonly (readonly string[])[]
): Promise<Outcome> {
  const started = performance.now();
  let output = '';
  for (const [program = '', ...args] of commands) {
    const child = spawn(program, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' }
    });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const code = await new Promise<number | null>((resolve) => {
      child.on('error', (error) => {
        output += `${program} cannot be run: ${error.message}\n`;
        resolve(1);
      });
      child.on('close', resolve);
    });
    if (code !== 0) return { name, passed: false, seconds: since(started), output };
  }
  return { name, passed: true, seconds: since(started), output };
}

export const since = (started: number): number => (performance.now() - started) / 1000;
