import './small-heap.ts';
import { parseArgs } from 'node:util';
import { Chronicle } from './chronicle.ts';
import { groupConfig, simulatorConfig } from './config.ts';
import { help, isCommand } from './help.ts';
import { live } from './live.ts';
import { load, loadKinds, writeLoad, type LoadKind } from './load.ts';
import { World } from './plan/world.ts';
import { insist, playHistory, type Progress } from './play.ts';
import { Players } from './send/players.ts';

/*
 * The simulator: world (configuration, seed) → plan of a day → players (syslog, MLLP, JSON) → chronicle of what was played;
 * beside it the simulated systems that answer checks (serve).
 */
const say = (line: string) => process.stderr.write(`simulator: ${line}\n`);
const stopping = new AbortController();

/** What was told on the command line is not understood. */
class UsageError extends Error {}

function readFlags() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        days: { type: 'string' },
        kind: { type: 'string', default: 'audit' },
        rate: { type: 'string', default: '500' },
        duration: { type: 'string', default: '10' },
        connections: { type: 'string', default: '1' },
        out: { type: 'string' },
        help: { type: 'boolean', default: false }
      }
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error), {
      cause: error
    });
  }
}

function whole(text: string, flag: string, [low, high]: readonly [number, number]): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < low || value > high)
    throw new UsageError(`--${flag} must be a whole number from ${low} to ${high}`);
  return value;
}

/** On a terminal one line that moves; elsewhere one line a day. */
function showProgress({ day, days, of, messages, seconds }: Progress): void {
  const percent = Math.round((100 * days) / of);
  const left = Math.round(((of - days) * seconds) / days);
  const bar = '#'.repeat(Math.round(percent / 5)).padEnd(20, '.');
  const line = `[${bar}] ${percent} %, ${day}, ${messages} messages, ${Math.round(messages / Math.max(0.1, seconds))}/s, ${left} s left`;
  if (!process.stderr.isTTY) say(line);
  else process.stderr.write(`\r\x1b[Ksimulator: ${line}${days === of ? '\n' : ''}`);
}

async function history(told: string | undefined): Promise<void> {
  const days = told === undefined ? undefined : whole(told, 'days', [0, 400]);
  const config = simulatorConfig();
  const world = new World(config.group, config.seed);
  const players = new Players(config.target);
  const chronicle = new Chronicle(config.dataFolder, config.seed);
  const stage = { world, players, chronicle, say, signal: stopping.signal };
  await insist(stage, () => players.json.announce(new Date()));
  await playHistory(stage, {
    days: days ?? config.days,
    now: Date.now(),
    progress: showProgress
  });
  await players.close();
}

async function generate(values: ReturnType<typeof readFlags>['values']): Promise<void> {
  const kind = loadKinds.find((one) => one === values.kind) satisfies LoadKind | undefined;
  if (kind === undefined) throw new UsageError(`--kind must be ${loadKinds.join(', ')}`);
  const rate = whole(values.rate, 'rate', [0, 1_000_000]);
  const seconds = whole(values.duration, 'duration', [1, 86_400]);
  const connections = whole(values.connections, 'connections', [1, 256]);
  if (values.out !== undefined) {
    if (rate === 0) throw new UsageError('--out needs a --rate: it writes rate × duration messages');
    const { group, seed } = groupConfig();
    return writeLoad(group, seed, { kind, count: rate * seconds, file: values.out });
  }
  const progress = (line: string) =>
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[Ksimulator: ${line}` : `simulator: ${line}\n`);
  const report = await load(simulatorConfig(), {
    kind,
    rate,
    seconds,
    connections,
    progress,
    signal: stopping.signal
  });
  if (process.stderr.isTTY) process.stderr.write('\n');
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

async function main(): Promise<void> {
  const { values, positionals } = readFlags();
  const [command, surplus] = positionals;
  if (command === undefined) {
    if (values.help) return void process.stdout.write(help());
    throw new UsageError('a command is missing: live, history or load');
  }
  if (!isCommand(command)) throw new UsageError(`there is no command "${command}"`);
  if (surplus !== undefined) throw new UsageError(`"${surplus}" is not understood`);
  if (values.help) return void process.stdout.write(help(command));
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  switch (command) {
    case 'live':
      return live(simulatorConfig(), { say, ready, signal: stopping.signal });
    case 'history':
      return history(values.days);
    case 'load':
      return generate(values);
  }
}

const ready = (url: string) =>
  process.stdout.write(`${JSON.stringify({ ready: true, process: 'simulator', url })}\n`);

/** Ends what is under way. A second signal, or a wait that does not end, stops at once: what was played is on record. */
function stop(): void {
  if (stopping.signal.aborted) process.exit(0);
  stopping.abort();
  setTimeout(() => process.exit(0), 5000).unref();
}

main().then(
  () => process.exit(0),
  (error: Error & { code?: string; port?: number }) => {
    if (error.code === 'EADDRINUSE') {
      process.stderr.write(
        `Port ${error.port} is in use: stop what listens there, or choose another with VIGIE_SIMULATOR_HTTP_PORT and VIGIE_SIMULATOR_DICOM_PORT (npm start: --simulator-http-port, --simulator-dicom-port).\n`
      );
      process.exit(2);
    }
    process.stderr.write(
      `${error.message}${error instanceof UsageError ? '. npm run simulate -- --help' : ''}\n`
    );
    process.exit(1);
  }
);
