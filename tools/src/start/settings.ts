import { parseArgs } from 'node:util';
import type { Config } from '@vigie/schemas';

/** One thing that can be set: its flag, its variable, its default. `--help` and the table of the documents are made from it. */
export interface Setting {
  /** Left out where only the variable exists. */
  readonly flag?: string;
  readonly variable: string;
  /** Used when nothing is told; left out where vigie.yaml or the process itself decides. */
  readonly fallback?: string;
  /** What vigie.yaml says, where it says it. */
  readonly told?: { readonly by: string; readonly of: (group: Config) => string };
  /** The default in words, where it is neither. */
  readonly otherwise?: string;
  readonly what: string;
}

const port = (by: string, of: (group: Config) => number) => ({
  by,
  of: (group: Config) => String(of(group))
});

export const settings: readonly Setting[] = [
  { flag: 'config', variable: 'VIGIE_CONFIG', fallback: './vigie.yaml', what: 'configuration file' },
  { flag: 'data', variable: 'VIGIE_DATA', fallback: './data', what: 'data folder' },
  {
    flag: 'host',
    variable: 'VIGIE_HOST',
    fallback: '127.0.0.1',
    what: 'address on which receivers and console listen'
  },
  { flag: 'console-port', variable: 'VIGIE_CONSOLE_PORT', fallback: '8400', what: 'console' },
  {
    flag: 'collector-port',
    variable: 'VIGIE_COLLECTOR_PORT',
    told: port('receivers.http.port', (group) => group.receivers.http.port),
    what: 'collector: JSON inputs, metrics, health'
  },
  {
    flag: 'syslog-port',
    variable: 'VIGIE_SYSLOG_PORT',
    told: port('receivers.syslog.port', (group) => group.receivers.syslog.port),
    what: 'syslog, TCP and UDP'
  },
  {
    flag: 'syslog-tls-port',
    variable: 'VIGIE_SYSLOG_TLS_PORT',
    told: port('receivers.syslog_tls.port', (group) => group.receivers.syslog_tls.port),
    what: 'syslog over TLS'
  },
  {
    flag: 'mllp-port',
    variable: 'VIGIE_MLLP_PORT',
    told: port('receivers.mllp.port', (group) => group.receivers.mllp.port),
    what: 'HL7 v2 over MLLP'
  },
  {
    flag: 'engine-port',
    variable: 'VIGIE_ENGINE_PORT',
    fallback: '8123',
    what: 'embedded engine, always on 127.0.0.1'
  },
  {
    flag: 'simulator',
    variable: 'VIGIE_SIMULATOR',
    told: { by: 'simulator.enabled', of: (group) => (group.simulator.enabled ? 'on' : 'off') },
    what: 'simulator, on or off'
  },
  {
    flag: 'simulator-days',
    variable: 'VIGIE_SIMULATOR_DAYS',
    told: { by: 'simulator.days', of: (group) => String(group.simulator.days) },
    what: 'days of history the simulator plays first'
  },
  {
    flag: 'simulator-http-port',
    variable: 'VIGIE_SIMULATOR_HTTP_PORT',
    fallback: '18480',
    what: 'simulated systems, HTTP'
  },
  {
    flag: 'simulator-dicom-port',
    variable: 'VIGIE_SIMULATOR_DICOM_PORT',
    fallback: '11112',
    what: 'simulated systems, DICOM'
  },
  {
    variable: 'VIGIE_CONSOLE_ORIGIN',
    otherwise: 'the address asked',
    what: 'public address of the console behind a proxy, such as https://vigie.example.fr'
  },
  {
    variable: 'VIGIE_CONSOLE_PROXIES',
    fallback: '0',
    what: 'proxies in front of the console whose X-Forwarded-For is believed'
  },
  {
    variable: 'VIGIE_WATCH_SECONDS',
    fallback: '30',
    what: 'seconds between two looks of the watch'
  },
  {
    variable: 'VIGIE_COLLECTOR_URL',
    otherwise: 'this machine',
    what: 'address of the collector, for a console on another machine'
  },
  {
    variable: 'VIGIE_COLLECTOR_ID',
    otherwise: 'c1',
    what: 'name of this collector in record ids; unique among collectors of one store'
  },
  { variable: 'VIGIE_SPOOL_MAX_BYTES', otherwise: '4000000000', what: 'most the spool may hold' },
  {
    variable: 'VIGIE_SPOOL_RESERVE_BYTES',
    otherwise: '500000000',
    what: 'free disk below which nothing more is accepted'
  },
  {
    variable: 'VIGIE_ENGINE_MEMORY_MB',
    otherwise: '480',
    what: 'megabytes that queries, inserts and merges of the embedded engine may take together'
  },
  { variable: 'CLICKHOUSE_URL', otherwise: 'embedded engine', what: 'a ClickHouse server of yours' },
  {
    variable: 'CLICKHOUSE_WRITER_USER',
    otherwise: 'vigie_writer',
    what: 'its user for the collector; the password in CLICKHOUSE_WRITER_PASSWORD'
  },
  {
    variable: 'CLICKHOUSE_READER_USER',
    otherwise: 'vigie_reader',
    what: 'its user for the console; the password in CLICKHOUSE_READER_PASSWORD'
  },
  {
    variable: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    otherwise: 'no traces',
    what: 'where traces go (OTLP over HTTP)'
  },
  { variable: 'LOG_LEVEL', otherwise: 'info', what: 'trace, debug, info, warn, error or fatal' }
];

const defaultOf = ({ fallback, told, otherwise }: Setting): string =>
  fallback ?? (told ? `vigie.yaml, ${told.by}` : (otherwise ?? ''));

/** Settings that are ports, which must be free before anything is started. */
export const ports = settings.filter(
  (setting): setting is Setting & { flag: string } => setting.flag?.endsWith('-port') ?? false
);

export function help(): string {
  const rows = settings.map((one) => ({
    left: one.flag === undefined ? `  ${one.variable}` : `  --${one.flag}`,
    right:
      one.flag === undefined
        ? `${one.what} (${defaultOf(one)})`
        : `${one.what} (${one.variable}; ${defaultOf(one)})`
  }));
  const width = Math.max(...rows.map(({ left }) => left.length)) + 2;
  const lines = rows.map(({ left, right }) => left.padEnd(width) + right);
  return `npm start [-- flags]

Starts Vigie on this machine: engine, collector, console, watch and, for the demonstration, the simulator.
Ctrl-C stops all of them in order. Flags win over variables; in parentheses what holds when neither is told.

${lines.join('\n')}
${'  --help'.padEnd(width)}this text
`;
}

/** The same as a table for the documents. */
export function settingsTable(): string {
  const rows = settings.map((one) => [
    one.flag === undefined ? '' : `\`--${one.flag}\``,
    `\`${one.variable}\``,
    one.fallback !== undefined || /^\d+$|^c1$|^info$|^vigie_/.test(defaultOf(one))
      ? `\`${defaultOf(one)}\``
      : defaultOf(one),
    one.what
  ]);
  const table = [['flag', 'variable', 'default', 'what it sets'], ...rows];
  const widths = [0, 1, 2, 3].map((i) => Math.max(...table.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [
    line(table[0] ?? []),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...rows.map(line)
  ].join('\n');
}

/**
 * What was told before vigie.yaml is read: flags over variables over fixed defaults, by variable.
 * @throws {Error} a sentence that names the flag and the mend
 */
export function readFlags(
  args: readonly string[],
  environment: NodeJS.ProcessEnv
): { help: boolean; env: Record<string, string> } {
  const options = Object.fromEntries(
    settings.flatMap(({ flag }) => (flag === undefined ? [] : [[flag, { type: 'string' as const }]]))
  );
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({ args: [...args], options: { ...options, help: { type: 'boolean' } } }));
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error);
    throw new Error(`${reason}. npm start -- --help lists the flags.`, { cause: error });
  }
  const env: Record<string, string> = {};
  for (const { flag, variable, fallback } of settings) {
    const value = (flag === undefined ? undefined : values[flag]) ?? environment[variable] ?? fallback;
    if (typeof value === 'string') env[variable] = value;
  }
  for (const { flag, variable } of ports)
    if (env[variable] !== undefined && !(/^\d{1,5}$/.test(env[variable]) && Number(env[variable]) <= 65_535))
      throw new Error(`--${flag} (${variable}) is "${env[variable]}": it must be a port from 0 to 65535.`);
  const { VIGIE_SIMULATOR: simulator, VIGIE_SIMULATOR_DAYS: days } = env;
  if (simulator !== undefined && simulator !== 'on' && simulator !== 'off')
    throw new Error(`--simulator (VIGIE_SIMULATOR) is "${simulator}": it must be on or off.`);
  if (days !== undefined && !/^\d{1,3}$/.test(days))
    throw new Error(`--simulator-days (VIGIE_SIMULATOR_DAYS) is "${days}": it must be a number of days.`);
  return { help: values['help'] === true, env };
}

/** Adds what vigie.yaml says to what was told. */
export function withGroup(env: Readonly<Record<string, string>>, group: Config): Record<string, string> {
  const told = settings.flatMap(({ variable, told: by }) => (by ? [[variable, by.of(group)] as const] : []));
  return { ...Object.fromEntries(told), ...env };
}
