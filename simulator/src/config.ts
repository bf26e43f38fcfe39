import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { parseConfig, type Config } from '@vigie/schemas';
import type { Target } from './send/players.ts';

const port = (name: string) =>
  z.coerce
    .number({ error: `${name} must be a port from 0 to 65535` })
    .int()
    .min(0)
    .max(65535);

const Environment = z.object({
  VIGIE_CONFIG: z.string().min(1).default('./vigie.yaml'),
  VIGIE_DATA: z.string().min(1).default('./data'),
  VIGIE_HOST: z.string().min(1).default('127.0.0.1'),
  VIGIE_COLLECTOR_PORT: port('VIGIE_COLLECTOR_PORT').optional(),
  VIGIE_SYSLOG_PORT: port('VIGIE_SYSLOG_PORT').optional(),
  VIGIE_SYSLOG_TLS_PORT: port('VIGIE_SYSLOG_TLS_PORT').optional(),
  VIGIE_MLLP_PORT: port('VIGIE_MLLP_PORT').optional(),
  VIGIE_SIMULATOR_HTTP_PORT: port('VIGIE_SIMULATOR_HTTP_PORT').default(18_480),
  VIGIE_SIMULATOR_DICOM_PORT: port('VIGIE_SIMULATOR_DICOM_PORT').default(11_112),
  VIGIE_SIMULATOR_DAYS: z.coerce
    .number({ error: 'VIGIE_SIMULATOR_DAYS must be a number of days' })
    .int()
    .min(0)
    .max(400)
    .optional()
});

export interface SimulatorConfig {
  readonly group: Config;
  readonly seed: number;
  readonly days: number;
  readonly dataFolder: string;
  readonly target: Target;
  readonly httpPort: number;
  readonly dicomPort: number;
}

type Environment = z.infer<typeof Environment>;

/** The group alone: enough for what sends nothing. @throws {Error} a sentence naming what is wrong */
export function groupConfig(
  environment: NodeJS.ProcessEnv = process.env
): Pick<SimulatorConfig, 'group' | 'seed'> {
  const group = readGroup(readEnvironment(environment), environment);
  return { group, seed: group.simulator.seed };
}

function readEnvironment(environment: NodeJS.ProcessEnv): Environment {
  const parsed = Environment.safeParse(environment);
  if (!parsed.success) throw new Error(parsed.error.issues.map((issue) => issue.message).join('; '));
  return parsed.data;
}

function readGroup({ VIGIE_CONFIG: file }: Environment, environment: NodeJS.ProcessEnv): Config {
  if (!existsSync(file))
    throw new Error(`There is no configuration file ${file}: name it with VIGIE_CONFIG.`);
  const variables = Object.fromEntries(
    Object.entries(environment).filter(([name]) => name.startsWith('VIGIE_'))
  );
  return parseConfig(readFileSync(file, 'utf8'), file, variables);
}

/** Reads environment, vigie.yaml and the simulator's key. @throws {Error} a sentence naming what is wrong */
export function simulatorConfig(environment: NodeJS.ProcessEnv = process.env): SimulatorConfig {
  const env = readEnvironment(environment);
  const group = readGroup(env, environment);
  const dataFolder = resolve(env.VIGIE_DATA);
  const keyFile = join(dataFolder, 'keys', 'simulator.key');
  if (!existsSync(keyFile))
    throw new Error(
      `There is no ${keyFile}: start Vigie once in this data folder, or name it with VIGIE_DATA.`
    );
  const { syslog_tls: tls } = group.receivers;
  const certificate = tls.certificate ?? join(dataFolder, 'keys', 'tls.crt');
  // A receiver that asks for client certificates would refuse the simulator: it has none.
  const syslogCertificate =
    existsSync(certificate) && tls.client_ca === undefined ? readFileSync(certificate, 'utf8') : undefined;
  const host = env.VIGIE_HOST === '0.0.0.0' || env.VIGIE_HOST === '::' ? '127.0.0.1' : env.VIGIE_HOST;
  return {
    group,
    seed: group.simulator.seed,
    days: env.VIGIE_SIMULATOR_DAYS ?? group.simulator.days,
    dataFolder,
    target: {
      host,
      collectorUrl: `http://${host}:${env.VIGIE_COLLECTOR_PORT ?? group.receivers.http.port}`,
      key: readFileSync(keyFile, 'utf8').trim(),
      syslogCertificate,
      syslogPort: syslogCertificate
        ? (env.VIGIE_SYSLOG_TLS_PORT ?? tls.port)
        : (env.VIGIE_SYSLOG_PORT ?? group.receivers.syslog.port),
      mllpPort: env.VIGIE_MLLP_PORT ?? group.receivers.mllp.port
    },
    httpPort: env.VIGIE_SIMULATOR_HTTP_PORT,
    dicomPort: env.VIGIE_SIMULATOR_DICOM_PORT
  };
}
