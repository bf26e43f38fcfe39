import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestCollector } from './collector.ts';
import type { TestEngine } from './engine.ts';
import { root } from './process.ts';

export interface VigieAnswer {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `vigie <words>` on a test installation. @param env more variables, such as another clock's */
export async function vigie(
  installation: { readonly engine: TestEngine; readonly collector: TestCollector },
  words: readonly string[],
  env: Readonly<Record<string, string>> = {}
): Promise<VigieAnswer> {
  const child = startVigie(installation, words, env);
  const exited = once(child, 'exit');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await exited) as [number | null];
  return { code, out, err };
}

/** The same, not waited for: to be killed. */
export function startVigie(
  { engine, collector }: { readonly engine: TestEngine; readonly collector: TestCollector },
  words: readonly string[],
  env: Readonly<Record<string, string>> = {}
) {
  return spawn(process.execPath, ['tools/src/vigie/main.ts', ...words], {
    cwd: root,
    env: {
      ...process.env,
      VIGIE_DATA: engine.dataFolder,
      VIGIE_CONFIG: join(engine.dataFolder, 'vigie.yaml'),
      VIGIE_ENGINE_PORT: String(engine.port),
      VIGIE_COLLECTOR_PORT: String(collector.ports.http),
      ...env
    },
    stdio: ['ignore', 'pipe', 'pipe']
  });
}

/** The digest that a preview asks to be confirmed. */
export function digestIn(answer: VigieAnswer): string {
  const digest = /--confirm ([0-9a-f]{12})/.exec(answer.out)?.[1];
  if (digest === undefined) throw new Error(`there is no digest to confirm:\n${answer.out}${answer.err}`);
  return digest;
}
