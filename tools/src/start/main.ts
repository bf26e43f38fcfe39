import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { parseConfig, type Config } from '@vigie/schemas';
import { takeLock } from '@vigie/store/lock';
import { createKeys } from '../keys.ts';
import { buildConsole } from './build-console.ts';
import { createCertificate } from './certificate.ts';
import { prepareFolder } from './data-folder.ts';
import { collectorFlags, collectorMemory } from './collector-memory.ts';
import { checkPort, freePort } from './ports.ts';
import { runOnce } from './run-once.ts';
import { help, ports, readFlags, withGroup } from './settings.ts';
import { StartError } from './start-error.ts';
import { Supervisor } from './supervisor.ts';

/*
 * npm start: settings → vigie.yaml → data folder, lock, ports, keys → engine → migrations → simulator → collector → accounts → console →
 * watch. Whatever can be refused is refused before anything is started.
 */
const root = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');
const started = Date.now();
const say = (line: string) =>
  process.stderr.write(`Vigie ${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);

const Created = z.object({ created: z.array(z.object({ login: z.string(), password: z.string() })) });

function readGroup(env: Readonly<Record<string, string>>): Config {
  const file = resolve(env['VIGIE_CONFIG'] ?? '');
  if (!existsSync(file))
    throw new StartError(
      `There is no configuration file ${file}: name it with --config, or copy vigie.yaml.`
    );
  return parseConfig(readFileSync(file, 'utf8'), file, { ...process.env, ...env });
}

/** Everything that can be told before a process is started: the environment of them all. */
async function settle(args: readonly string[]): Promise<Record<string, string> | 'help'> {
  const told = readFlags(args, process.env);
  if (told.help) return 'help';
  const taken = new Set(ports.map(({ variable }) => Number(told.env[variable] ?? 0)));
  for (const { variable } of ports) {
    if (told.env[variable] !== '0') continue;
    const port = await freePort(taken);
    taken.add(port);
    told.env[variable] = String(port);
  }
  const env = withGroup(told.env, readGroup(told.env));
  for (const name of ['VIGIE_CONFIG', 'VIGIE_DATA']) env[name] = resolve(env[name] ?? '');
  return env;
}

async function checkPorts(env: Readonly<Record<string, string>>): Promise<void> {
  const seen = new Map<string, string>();
  for (const { flag, variable } of ports) {
    if (flag === 'engine-port' && env['CLICKHOUSE_URL'] !== undefined) continue;
    if (flag.startsWith('simulator') && env['VIGIE_SIMULATOR'] !== 'on') continue;
    const port = env[variable] ?? '';
    const other = seen.get(port);
    if (other !== undefined)
      throw new StartError(`--${other} and --${flag} are both ${port}: give each a port of its own.`);
    seen.set(port, flag);
    const onLoopback = flag === 'engine-port' || flag.startsWith('simulator');
    const host = onLoopback ? '127.0.0.1' : (env['VIGIE_HOST'] ?? '');
    await checkPort(Number(port), host, flag);
    if (flag === 'syslog-port') await checkPort(Number(port), host, flag, 'udp');
  }
}

/** Takes the folder for this start: two engines on the same files would ruin them. */
function lockFolder(dataFolder: string): void {
  const lock = takeLock(join(dataFolder, 'run', 'start.lock'));
  if ('holder' in lock)
    throw new StartError(
      `Vigie already runs in ${dataFolder} (process ${lock.holder.pid}): stop it first (Ctrl-C there), or choose another folder with --data.`
    );
  process.on('exit', lock.release);
}

async function startAll(supervisor: Supervisor, env: Record<string, string>): Promise<string | undefined> {
  const environment = { ...process.env, ...env };
  const embedded = env['CLICKHOUSE_URL'] === undefined;
  const start = (name: string, readyWithinMs: number, ...command: string[]) => {
    say(`starting the ${name}…`);
    return supervisor.start({ name, command, readyWithinMs });
  };
  await buildConsole(root, say);
  if (embedded) await start('engine', 120_000, 'store/src/engine/serve.ts');
  // The lock of the folder says that no other migration of ours can be running: a leftover is one that was cut short.
  await runOnce(root, environment, 'store/src/migrate/cli.ts', ...(embedded ? ['--take-over'] : []));
  // The simulated systems stand before the first check of them is made.
  if (env['VIGIE_SIMULATOR'] === 'on') {
    say('starting the simulator…');
    await supervisor.start({
      name: 'simulator',
      command: ['simulator/src/main.ts', 'live'],
      readyWithinMs: 60_000,
      stopsFirst: true
    });
  }
  say('starting the collector…');
  await supervisor.start({
    name: 'collector',
    command: [...collectorFlags, 'collector/src/serve.ts'],
    env: collectorMemory,
    readyWithinMs: 120_000
  });
  const { created } = Created.parse(JSON.parse(await runOnce(root, environment, 'console/src/provision.ts')));
  const { url } = await start('console', 60_000, 'console/src/serve.ts');
  say(`the console answers: ${url}`);
  if (created.length > 0) {
    say('first passwords, shown once (also in passwords.txt of the data folder, each until it is changed):');
    for (const { login, password } of created)
      process.stderr.write(`${' '.repeat(16)}${login.padEnd(14)}${password}\n`);
  }
  await start('watch', 60_000, 'console/src/watch.ts');
  if (readGroup(env).retention.purge !== 'off')
    await start('retention', 60_000, 'tools/src/vigie/main.ts', 'retention', 'keep');
  if (env['VIGIE_SIMULATOR'] === 'on')
    say(
      'the simulator plays a hospital group; its days fill the pages one after the other (logs/simulator.log).'
    );
  return url;
}

async function main(): Promise<void> {
  const env = await settle(process.argv.slice(2));
  if (env === 'help') return void process.stdout.write(help());
  const dataFolder = env['VIGIE_DATA'] ?? '';
  prepareFolder(dataFolder);
  lockFolder(dataFolder);
  const supervisor = new Supervisor({ cwd: root, dataFolder, env: { ...process.env, ...env }, say });
  await supervisor.endStrays();
  await checkPorts(env);
  createCertificate(createKeys(dataFolder));

  let stoppingSince: number | undefined;
  const stop = async (code: number) => {
    say('stopping: simulator, watch, console, collector, engine…');
    await supervisor.stop();
    say('stopped. The next start finds everything that was received.');
    process.exit(code);
  };
  const onSignal = () => {
    if (stoppingSince === undefined) {
      stoppingSince = Date.now();
      return void stop(0);
    }
    // npm passes on a Ctrl-C that the terminal sends too: within a second it is the same one.
    if (Date.now() - stoppingSince < 1000) return;
    say('stopped at once. What was acknowledged is on disk.');
    supervisor.kill();
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  try {
    const url = await startAll(supervisor, env);
    say('everything runs. Ctrl-C stops it in order.');
    process.stdout.write(`${JSON.stringify({ ready: true, process: 'vigie', url })}\n`);
  } catch (error) {
    if (stoppingSince !== undefined) return;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    stoppingSince = Date.now();
    await stop(1);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
