import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { StoreAddress } from './client.ts';

/** Variables that say where ClickHouse is; every service's config.ts hands its environment over. */
export const StoreEnvironment = z.object({
  VIGIE_DATA: z.string().min(1).default('./data'),
  VIGIE_ENGINE_PORT: z.coerce
    .number({ error: 'VIGIE_ENGINE_PORT must be a port' })
    .int()
    .min(0)
    .max(65535)
    .default(8123),
  CLICKHOUSE_URL: z
    .url({ protocol: /^https?$/, error: 'CLICKHOUSE_URL must be an address such as https://clickhouse:8443' })
    .optional(),
  CLICKHOUSE_WRITER_USER: z.string().default('vigie_writer'),
  CLICKHOUSE_WRITER_PASSWORD: z.string().optional(),
  CLICKHOUSE_READER_USER: z.string().default('vigie_reader'),
  CLICKHOUSE_READER_PASSWORD: z.string().optional()
});
export type StoreEnvironment = z.infer<typeof StoreEnvironment>;

/**
 * Address for one role: the server of CLICKHOUSE_URL, or else the embedded engine with its token from the data folder.
 * @throws {Error} a sentence that names the missing variable
 */
export function storeAddress(environment: StoreEnvironment, role: 'writer' | 'reader'): StoreAddress {
  if (environment.CLICKHOUSE_URL === undefined) {
    const token = readFileSync(join(environment.VIGIE_DATA, 'keys', `engine-${role}.token`), 'utf8').trim();
    return { url: `http://127.0.0.1:${environment.VIGIE_ENGINE_PORT}`, username: role, password: token };
  }
  const name = role === 'writer' ? 'CLICKHOUSE_WRITER' : 'CLICKHOUSE_READER';
  const password = environment[`${name}_PASSWORD`];
  if (password === undefined) throw new Error(`CLICKHOUSE_URL is set, so ${name}_PASSWORD must be set too`);
  return { url: environment.CLICKHOUSE_URL, username: environment[`${name}_USER`], password };
}
