import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const Environment = z.object({
  VIGIE_DATA: z.string().min(1).default('./data'),
  VIGIE_ENGINE_PORT: z.coerce
    .number({ error: 'VIGIE_ENGINE_PORT must be a port from 0 to 65535' })
    .int()
    .min(0)
    .max(65535)
    .default(8123),
  VIGIE_ENGINE_MEMORY_MB: z.coerce
    .number({ error: 'VIGIE_ENGINE_MEMORY_MB must be a number of megabytes, at least 300' })
    .int()
    .min(300, { error: 'VIGIE_ENGINE_MEMORY_MB must be at least 300: inserts and merges need as much' })
    .default(480)
});

export interface EngineConfig {
  readonly dataFolder: string;
  readonly port: number;
  /** What all queries, inserts and merges together may take. */
  readonly memoryBytes: number;
  readonly tokens: { readonly writer: string; readonly reader: string };
}

/**
 * Reads the engine's settings from the environment and its tokens from the data folder.
 * @throws {Error} a sentence that says what is wrong and how to mend it
 */
export function engineConfig(environment: NodeJS.ProcessEnv = process.env): EngineConfig {
  const parsed = Environment.safeParse(environment);
  if (!parsed.success) throw new Error(parsed.error.issues.map(({ message }) => message).join('. '));
  const { VIGIE_DATA, VIGIE_ENGINE_PORT, VIGIE_ENGINE_MEMORY_MB } = parsed.data;
  return {
    dataFolder: VIGIE_DATA,
    port: VIGIE_ENGINE_PORT,
    memoryBytes: VIGIE_ENGINE_MEMORY_MB * 1_000_000,
    tokens: { writer: token(VIGIE_DATA, 'writer'), reader: token(VIGIE_DATA, 'reader') }
  };
}

function token(dataFolder: string, role: string): string {
  const file = join(dataFolder, 'keys', `engine-${role}.token`);
  try {
    const text = readFileSync(file, 'utf8').trim();
    if (text.length >= 32) return text;
    throw new Error(`${file} is too short to be a token: remove it, and npm start makes a new one`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new Error(`${file} is missing: npm start makes it, or createKeys() of tools/src/keys.ts`, {
        cause: error
      });
    throw error;
  }
}

/**
 * What chDB and libuv read from the process's environment, once, when first used.
 * Every running query holds a libuv thread (4 by default), and times without a zone are UTC whatever the machine's.
 */
export function prepareProcess(environment: NodeJS.ProcessEnv = process.env): void {
  environment['UV_THREADPOOL_SIZE'] ??= '16';
  environment['TZ'] = 'UTC';
  // Memory that queries freed goes back to the system within a second, and does not pile up in an arena per core.
  environment['JE_MALLOC_CONF'] ??= 'narenas:4,dirty_decay_ms:300,muzzy_decay_ms:0';
}
