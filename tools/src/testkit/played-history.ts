import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { root } from './process.ts';

/**
 * Has the simulator play days that are over to a running collector, and waits for its end.
 * @param options.env the VIGIE_* variables by which it reaches the collector
 * @param options.progress told every line it writes
 * @throws with its last line when it fails
 */
export async function playHistory(options: {
  readonly days: number;
  readonly env: Readonly<Record<string, string>>;
  readonly progress?: (line: string) => void;
}): Promise<void> {
  const { days, env, progress = () => undefined } = options;
  const child = spawn(process.execPath, ['simulator/src/main.ts', 'history', '--days', String(days)], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe']
  });
  let last = '';
  createInterface({ input: child.stderr }).on('line', (line) => {
    last = line;
    progress(line);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the simulator ended with ${code}: ${last}`);
}
