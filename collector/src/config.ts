import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { parseConfig, type Config } from '@vigie/schemas';
import { StoreEnvironment, storeAddress, type StoreAddress } from '@vigie/store';

const port = (name: string) =>
  z.coerce
    .number({ error: `${name} must be a port from 0 to 65535` })
    .int()
    .min(0)
    .max(65535)
    .optional();

const Environment = StoreEnvironment.extend({
  VIGIE_CONFIG: z.string().min(1).default('./vigie.yaml'),
  VIGIE_HOST: z.string().min(1).default('127.0.0.1'),
  VIGIE_COLLECTOR_ID: z
    .string()
    .regex(/^[a-z0-9]{1,16}$/, 'VIGIE_COLLECTOR_ID must be 1 to 16 lower-case letters and digits, such as c1')
    .default('c1'),
  VIGIE_COLLECTOR_PORT: port('VIGIE_COLLECTOR_PORT'),
  VIGIE_SYSLOG_PORT: port('VIGIE_SYSLOG_PORT'),
  VIGIE_SYSLOG_TLS_PORT: port('VIGIE_SYSLOG_TLS_PORT'),
  VIGIE_MLLP_PORT: port('VIGIE_MLLP_PORT'),
  VIGIE_SPOOL_MAX_BYTES: z.coerce
    .number({ error: 'VIGIE_SPOOL_MAX_BYTES must be a number of bytes' })
    .int()
    .min(1_000_000)
    .default(4_000_000_000),
  VIGIE_SPOOL_RESERVE_BYTES: z.coerce
    .number({ error: 'VIGIE_SPOOL_RESERVE_BYTES must be a number of bytes' })
    .int()
    .min(0)
    .default(500_000_000),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info')
});

export interface CollectorConfig {
  readonly group: Config;
  /** The file as read, for the worker, which parses it again rather than being sent a copy. */
  readonly groupText: string;
  readonly groupFile: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly collector: string;
  readonly dataFolder: string;
  readonly host: string;
  readonly ports: {
    readonly http: number;
    readonly syslog: number;
    readonly syslogTls: number;
    readonly mllp: number;
  };
  readonly spool: { readonly maxBytes: number; readonly reserveBytes: number };
  readonly store: StoreAddress;
  readonly otlpEndpoint: string | undefined;
  readonly logLevel: string;
  /** PEM files of the TLS receivers; undefined when there is no certificate, so that these stay off. */
  readonly tls:
    | {
        readonly certificate: string;
        readonly key: string;
        readonly clientCa: string | undefined;
        readonly clientCrl: string | undefined;
      }
    | undefined;
}

/**
 * Reads everything the collector is told: environment, vigie.yaml, keys below the data folder.
 * @throws {Error} a sentence naming what is wrong and how to mend it
 */
export function collectorConfig(environment: NodeJS.ProcessEnv = process.env): CollectorConfig {
  const parsed = Environment.safeParse(environment);
  if (!parsed.success) throw new Error(parsed.error.issues.map((issue) => issue.message).join('; '));
  const env = parsed.data;
  const groupText = readNeeded(
    env.VIGIE_CONFIG,
    'name the configuration with --config or VIGIE_CONFIG'
  ).toString();
  const variables = Object.fromEntries(
    Object.entries(environment).filter(([name]) => name.startsWith('VIGIE_'))
  );
  const group = parseConfig(groupText, env.VIGIE_CONFIG, variables);
  const { receivers } = group;
  return {
    group,
    groupText,
    groupFile: env.VIGIE_CONFIG,
    variables,
    collector: env.VIGIE_COLLECTOR_ID,
    dataFolder: resolve(env.VIGIE_DATA),
    host: env.VIGIE_HOST,
    ports: {
      http: env.VIGIE_COLLECTOR_PORT ?? receivers.http.port,
      syslog: env.VIGIE_SYSLOG_PORT ?? receivers.syslog.port,
      syslogTls: env.VIGIE_SYSLOG_TLS_PORT ?? receivers.syslog_tls.port,
      mllp: env.VIGIE_MLLP_PORT ?? receivers.mllp.port
    },
    spool: { maxBytes: env.VIGIE_SPOOL_MAX_BYTES, reserveBytes: env.VIGIE_SPOOL_RESERVE_BYTES },
    store: storeAddress(env, 'writer'),
    otlpEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
    logLevel: env.LOG_LEVEL,
    tls: tlsFiles(env.VIGIE_DATA, receivers.syslog_tls)
  };
}

/** @throws {Error} a sentence with the file, the system's reason, and the mend */
function readNeeded(file: string, mend: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new Error(`${file} cannot be read (${reason}): ${mend}`, { cause: error });
  }
}

/** Text of a file of the keys folder, trimmed. @throws {Error} naming it */
export const keyText = ({ dataFolder }: Pick<CollectorConfig, 'dataFolder'>, name: string): string =>
  readNeeded(join(dataFolder, 'keys', name), 'put it back, or let npm start make one')
    .toString()
    .trim();

function tlsFiles(dataFolder: string, told: Config['receivers']['syslog_tls']): CollectorConfig['tls'] {
  const certificate = told.certificate ?? join(dataFolder, 'keys', 'tls.crt');
  if (!told.certificate && !existsSync(certificate)) return undefined;
  const key = told.key ?? join(dataFolder, 'keys', 'tls.key');
  return { certificate, key, clientCa: told.client_ca, clientCrl: told.client_crl };
}

/** @throws {Error} where a receiver is to speak TLS and there is no certificate */
export function tlsFilesOf({ tls }: CollectorConfig): NonNullable<CollectorConfig['tls']> {
  if (tls) return tls;
  throw new Error(
    'receivers.http_tls and mllp_tls need a certificate: name it in receivers.syslog_tls.certificate and .key, or put keys/tls.crt and keys/tls.key into the data folder'
  );
}

/** SHA-256 of an API key, in hexadecimal, as vigie.yaml holds it. */
export function apiKeyDigests(config: CollectorConfig): ReadonlyMap<string, string> {
  return new Map(
    config.group.api_keys.map((key) => {
      if (key.key_sha256 !== undefined) return [key.id, key.key_sha256];
      const file = join(config.dataFolder, key.key_file ?? '');
      const text = readNeeded(file, `write the key of api_keys ${key.id} into it`).toString().trim();
      return [key.id, createHash('sha256').update(text).digest('hex')];
    })
  );
}
