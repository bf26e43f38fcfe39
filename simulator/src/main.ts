import { parseArgs } from 'node:util';
import { simulatorConfig } from './config.ts';
import { playHistory } from './history.ts';
import { live } from './live.ts';
import { load } from './load.ts';
import { World } from './plan/world.ts';
import { announce } from './send/json.ts';
import { Players } from './send/players.ts';
import { readState, writeState } from './state.ts';

const help = `npm run simulate -- <command> [flags]

Plays a hospital group over the real protocols, into a Vigie that runs (addresses: VIGIE_* variables).

  live                         plays the history that is missing, then lives in real time (what npm start does)
  history --days N             plays N days of history at full speed, and ends
  load --kind audit|hl7|transfers --rate N --seconds S --connections C
                               sends N messages a second (0: as fast as they are taken), and says what was reached
       --out FILE              writes them to a file instead: octet-counted frames, MLLP, or JSON lines
  --help                       this text

The same seed (vigie.yaml, simulator.seed) and day give the same messages, byte for byte.
`;

const say = (line: string) => process.stderr.write(`simulator: ${line}\n`);
let stopped = false;

function whole(text: string | undefined, fallback: number, flag: string): number {
  const value = Number(text ?? fallback);
  if (!Number.isInteger(value) || value < 0 || value > 1_000_000)
    throw new Error(`--${flag} must be a whole number`);
  return value;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      days: { type: 'string' },
      kind: { type: 'string', default: 'audit' },
      rate: { type: 'string' },
      seconds: { type: 'string' },
      connections: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean' }
    }
  });
  const [command] = positionals;
  if (values.help || command === undefined) return void process.stdout.write(help);
  const stop = () => {
    // A second signal, or a wait that does not end, stops at once: what was played is on record.
    if (stopped) process.exit(0);
    stopped = true;
    setTimeout(() => process.exit(0), 5000).unref();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  const config = simulatorConfig();

  if (command === 'live') {
    const ready = (url: string) =>
      process.stdout.write(`${JSON.stringify({ ready: true, process: 'simulator', url })}\n`);
    return live(config, { say, ready, stopped: () => stopped });
  }
  if (command === 'history') {
    const world = new World(config.group, config.seed);
    const players = new Players(config.target);
    await announce(config.target.collectorUrl, config.target.key, 'opened', new Date());
    await playHistory(world, players, readState(config.dataFolder, config.seed), {
      days: whole(values.days, config.days, 'days'),
      now: Date.now(),
      save: (state) => writeState(config.dataFolder, state),
      stopped: () => stopped,
      progress: ({ day, days, of, messages, seconds }) => {
        const rate = messages / Math.max(0.1, seconds);
        const left = Math.round(((of - days) * seconds) / days);
        say(
          `[${'#'.repeat(Math.round((20 * days) / of)).padEnd(20, '.')}] ${day}, ${Math.round((100 * days) / of)} %, ${messages} messages, ${Math.round(rate)}/s, ${left} s left`
        );
      }
    });
    return players.close();
  }
  if (command === 'load') {
    const { kind } = values;
    if (kind !== 'audit' && kind !== 'hl7' && kind !== 'transfers')
      throw new Error('--kind must be audit, hl7 or transfers');
    const report = await load(config, {
      kind,
      rate: whole(values.rate, 500, 'rate'),
      seconds: whole(values.seconds, 10, 'seconds'),
      connections: Math.max(1, whole(values.connections, 1, 'connections')),
      out: values.out,
      progress: (line) => process.stderr.write(`\rsimulator: ${line}   `)
    });
    return void process.stdout.write(`\n${JSON.stringify(report)}\n`);
  }
  throw new Error(`there is no command "${command}": npm run simulate -- --help`);
}

main().then(
  () => process.exit(0),
  (error: NodeJS.ErrnoException & { port?: number }) => {
    if (error.code === 'EADDRINUSE') {
      process.stderr.write(
        `Port ${String(error.port)} is in use: choose another with --simulator-http-port or --simulator-dicom-port.\n`
      );
      process.exit(2);
    }
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
);
