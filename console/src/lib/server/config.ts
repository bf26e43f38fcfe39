import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { parseConfig, type Config } from '@vigie/schemas';
import { configDigests, type ConfigDigests } from '@vigie/schemas/config/digests';
import { StoreEnvironment, storeAddress, type StoreAddress } from '@vigie/store';

const Environment = StoreEnvironment.extend({
  VIGIE_CONFIG: z.string().min(1).default('./vigie.yaml'),
  VIGIE_HOST: z.string().min(1).default('127.0.0.1'),
  VIGIE_CONSOLE_PORT: z.coerce
    .number({ error: 'VIGIE_CONSOLE_PORT must be a port' })
    .int()
    .min(0)
    .max(65535)
    .default(8400),
  VIGIE_COLLECTOR_PORT: z.coerce
    .number({ error: 'VIGIE_COLLECTOR_PORT must be a port' })
    .int()
    .min(0)
    .max(65535)
    .optional(),
  VIGIE_COLLECTOR_URL: z.url().optional(),
  VIGIE_CONSOLE_ORIGIN: z
    .url({ error: 'VIGIE_CONSOLE_ORIGIN must be an address such as https://vigie.example.fr' })
    .optional(),
  VIGIE_CONSOLE_PROXIES: z.coerce
    .number({ error: 'VIGIE_CONSOLE_PROXIES must be the number of proxies that append to X-Forwarded-For' })
    .int()
    .min(0)
    .max(9)
    .default(0),
  VIGIE_WATCH_SECONDS: z.coerce
    .number({ error: 'VIGIE_WATCH_SECONDS must be the seconds between two looks, 1 to 3600' })
    .int()
    .min(1)
    .max(3600)
    .default(30),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info')
});

export interface ConsoleConfig {
  readonly group: Config;
  /** Digests of vigie.yaml, by which a change is told. */
  readonly digests: ConfigDigests;
  readonly dataFolder: string;
  readonly host: string;
  readonly port: number;
  /** Public address, when a proxy stands before the console. */
  readonly origin: string | undefined;
  /** How many proxies of ours append to X-Forwarded-For. */
  readonly proxies: number;
  readonly store: StoreAddress;
  readonly collectorUrl: string;
  /** Milliseconds between two looks of the watch. */
  readonly watchEveryMs: number;
  readonly logLevel: string;
  /** Secret of the console towards the collector's own lane. */
  ownKey(): string;
  /** Key of what the console hands out sealed and takes back, hexadecimal. */
  sessionKey(): string;
  /** Private key (PEM) that signs manifests of exports; undefined where this console has none. */
  signingKey(): string | undefined;
  /** Key of pseudonyms, for the DPO's patient search. */
  pseudonymKey(): Buffer;
  /** Private key of the vault (PEM), read only when a purpose opens it; undefined where this console has none. */
  vaultKey(): string | undefined;
}

/** Reads what the console is told. Secrets are read from their files when needed, never kept in the environment. */
export function consoleConfig(environment: NodeJS.ProcessEnv = process.env): ConsoleConfig {
  const parsed = Environment.safeParse(environment);
  if (!parsed.success) throw new Error(parsed.error.issues.map((issue) => issue.message).join('; '));
  const env = parsed.data;
  const variables = Object.fromEntries(
    Object.entries(environment).filter(([name]) => name.startsWith('VIGIE_'))
  );
  const groupText = readFileSync(env.VIGIE_CONFIG, 'utf8');
  const group = parseConfig(groupText, env.VIGIE_CONFIG, variables);
  const dataFolder = resolve(env.VIGIE_DATA);
  const key = (name: string) => readFileSync(join(dataFolder, 'keys', name), 'utf8').trim();
  return {
    group,
    digests: configDigests(groupText, group),
    dataFolder,
    host: env.VIGIE_HOST,
    port: env.VIGIE_CONSOLE_PORT,
    origin: env.VIGIE_CONSOLE_ORIGIN,
    proxies: env.VIGIE_CONSOLE_PROXIES,
    store: storeAddress(env, 'reader'),
    collectorUrl:
      env.VIGIE_COLLECTOR_URL ?? `http://127.0.0.1:${env.VIGIE_COLLECTOR_PORT ?? group.receivers.http.port}`,
    watchEveryMs: env.VIGIE_WATCH_SECONDS * 1000,
    logLevel: env.LOG_LEVEL,
    ownKey: () => key('own.key'),
    sessionKey: () => key('session.key'),
    pseudonymKey: () => Buffer.from(key('pseudonym.key'), 'hex'),
    signingKey: () => (existsSync(join(dataFolder, 'keys', 'console.key')) ? key('console.key') : undefined),
    vaultKey: () =>
      existsSync(join(dataFolder, 'keys', 'vault.key'))
        ? readFileSync(join(dataFolder, 'keys', 'vault.key'), 'utf8')
        : undefined
  };
}
