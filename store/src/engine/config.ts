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
    .default(8123)
});

export interface EngineConfig {
  readonly dataFolder: string;
  readonly port: number;
  readonly tokens: { readonly writer: string; readonly reader: string };
}

/** Reads the engine's settings from the environment and its tokens from the data folder. */
export function engineConfig(environment: NodeJS.ProcessEnv = process.env): EngineConfig {
  const { VIGIE_DATA, VIGIE_ENGINE_PORT } = Environment.parse(environment);
  const token = (role: string) =>
    readFileSync(join(VIGIE_DATA, 'keys', `engine-${role}.token`), 'utf8').trim();
  return {
    dataFolder: VIGIE_DATA,
    port: VIGIE_ENGINE_PORT,
    tokens: { writer: token('writer'), reader: token('reader') }
  };
}
