import { parseArgs } from 'node:util';

/** One thing that can be set: its flag, its variable, its default. The table of README and `--help` are made from it. */
export interface Setting {
  readonly flag: string;
  readonly variable: string;
  readonly default: string;
  readonly what: string;
}

export const settings: readonly Setting[] = [
  { flag: 'config', variable: 'VIGIE_CONFIG', default: './vigie.yaml', what: 'configuration file' },
  { flag: 'data', variable: 'VIGIE_DATA', default: './data', what: 'data folder' },
  {
    flag: 'host',
    variable: 'VIGIE_HOST',
    default: '127.0.0.1',
    what: 'address on which receivers and console listen'
  },
  { flag: 'console-port', variable: 'VIGIE_CONSOLE_PORT', default: '8400', what: 'console' },
  {
    flag: 'collector-port',
    variable: 'VIGIE_COLLECTOR_PORT',
    default: '8480',
    what: 'collector: JSON inputs, metrics'
  },
  { flag: 'syslog-port', variable: 'VIGIE_SYSLOG_PORT', default: '5514', what: 'syslog, TCP and UDP' },
  { flag: 'syslog-tls-port', variable: 'VIGIE_SYSLOG_TLS_PORT', default: '6514', what: 'syslog over TLS' },
  { flag: 'mllp-port', variable: 'VIGIE_MLLP_PORT', default: '2575', what: 'HL7 v2 over MLLP' },
  {
    flag: 'engine-port',
    variable: 'VIGIE_ENGINE_PORT',
    default: '8123',
    what: 'embedded engine, always on 127.0.0.1'
  },
  {
    flag: 'simulator',
    variable: 'VIGIE_SIMULATOR',
    default: 'as vigie.yaml says',
    what: 'simulator: on or off'
  },
  {
    flag: 'simulator-days',
    variable: 'VIGIE_SIMULATOR_DAYS',
    default: 'as vigie.yaml says',
    what: 'days of history the simulator plays first'
  },
  {
    flag: 'simulator-http-port',
    variable: 'VIGIE_SIMULATOR_HTTP_PORT',
    default: '18480',
    what: 'simulated systems, HTTP'
  },
  {
    flag: 'simulator-dicom-port',
    variable: 'VIGIE_SIMULATOR_DICOM_PORT',
    default: '11112',
    what: 'simulated systems, DICOM'
  }
];

/** Ports that must be free, by flag. */
export const portFlags = settings.filter(({ flag }) => flag.endsWith('-port')).map(({ flag }) => flag);

export function help(): string {
  const width = Math.max(...settings.map(({ flag }) => flag.length)) + 2;
  const lines = settings.map(
    ({ flag, variable, default: value, what }) => `  --${flag.padEnd(width)} ${what} (${variable}; ${value})`
  );
  return `npm start [-- flags]\n\nStarts Vigie on this machine: engine, collector, console, watch and, for the demonstration, the simulator.\n\n${lines.join('\n')}\n  --${'help'.padEnd(width)} this text\n`;
}

/**
 * Flags over environment over defaults, as the environment of the processes.
 * @throws {Error} a sentence that names the flag and the mend
 */
export function readSettings(
  args: readonly string[],
  environment: NodeJS.ProcessEnv
): { help: boolean; env: Record<string, string> } {
  let values: Record<string, string | boolean | undefined>;
  try {
    const options = Object.fromEntries(settings.map(({ flag }) => [flag, { type: 'string' as const }]));
    ({ values } = parseArgs({
      args: [...args],
      options: { ...options, help: { type: 'boolean' } },
      strict: true,
      allowPositionals: false
    }));
  } catch (error) {
    throw new Error(
      `${error instanceof Error ? error.message.split('. ')[0] : String(error)}. npm start -- --help lists the flags.`,
      { cause: error }
    );
  }
  const env: Record<string, string> = {};
  for (const { flag, variable, default: fallback } of settings) {
    const told = values[flag] ?? environment[variable];
    if (typeof told === 'string') env[variable] = told;
    else if (!fallback.includes(' ')) env[variable] = fallback;
  }
  for (const flag of portFlags) {
    const { variable } = settings.find((one) => one.flag === flag) as Setting;
    if (!/^\d{1,5}$/.test(env[variable] ?? '') || Number(env[variable]) > 65_535)
      throw new Error(`--${flag} (${variable}) must be a port from 0 to 65535.`);
  }
  const simulator = env['VIGIE_SIMULATOR'];
  if (simulator !== undefined && simulator !== 'on' && simulator !== 'off')
    throw new Error('--simulator (VIGIE_SIMULATOR) must be on or off.');
  return { help: values['help'] === true, env };
}
