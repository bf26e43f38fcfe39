import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { parseConfig } from '@vigie/schemas';
import { createKeys } from '../keys.ts';
import { buildConsole } from './build-console.ts';
import { createCertificate } from './certificate.ts';
import { Child, type ChildSpec } from './child.ts';
import { checkPort, lockFolder, prepareFolder, StartError } from './prepare.ts';
import { help, portFlags, readSettings, settings } from './settings.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');
const started = Date.now();
const say = (line: string) =>
  process.stderr.write(`Vigie ${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s  ${line}\n`);

const Created = z.object({ created: z.array(z.object({ login: z.string(), password: z.string() })) });

/** Starts everything in order, and stops it in reverse. */
async function main(): Promise<void> {
  const { help: wanted, env } = readSettings(process.argv.slice(2), process.env);
  if (wanted) return void process.stdout.write(help());
  const dataFolder = resolve(env['VIGIE_DATA'] ?? './data');
  env['VIGIE_DATA'] = dataFolder;
  env['VIGIE_CONFIG'] = resolve(env['VIGIE_CONFIG'] ?? './vigie.yaml');
  if (!existsSync(env['VIGIE_CONFIG']))
    throw new StartError(`There is no configuration file ${env['VIGIE_CONFIG']}: name it with --config.`);
  const group = parseConfig(readFileSync(env['VIGIE_CONFIG'], 'utf8'), env['VIGIE_CONFIG'], {
    ...process.env,
    ...env
  });
  const simulator = (env['VIGIE_SIMULATOR'] ?? (group.simulator.enabled ? 'on' : 'off')) === 'on';
  env['VIGIE_SIMULATOR'] = simulator ? 'on' : 'off';
  env['VIGIE_SIMULATOR_DAYS'] ??= String(group.simulator.days);
  const embedded = process.env['CLICKHOUSE_URL'] === undefined;

  prepareFolder(dataFolder);
  const unlock = lockFolder(dataFolder);
  process.on('exit', unlock);
  for (const flag of portFlags) {
    if (flag === 'engine-port' && !embedded) continue;
    if (flag.startsWith('simulator') && !simulator) continue;
    const { variable } = settings.find((one) => one.flag === flag) ?? { variable: '' };
    const loopback = flag === 'engine-port' || flag.startsWith('simulator');
    await checkPort(Number(env[variable]), loopback ? '127.0.0.1' : (env['VIGIE_HOST'] ?? '127.0.0.1'), flag);
  }
  createCertificate(createKeys(dataFolder));

  const children: Child[] = [];
  const stopAll = async (code: number) => {
    say('stopping…');
    for (const child of children.toReversed()) await child.stop(20_000);
    say('stopped; the next start finds everything that was received.');
    process.exit(code);
  };
  let signals = 0;
  const onSignal = () => {
    if (++signals === 1) return void stopAll(0);
    if (signals === 2) return say('press Ctrl-C once more to stop at once; what is on disk stays.');
    for (const child of children) child.kill();
    process.exit(130);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);

  const environment = { ...process.env, ...env };
  const start = async (spec: ChildSpec) => {
    const logFile = join(dataFolder, 'logs', `${spec.name}.log`);
    const child = new Child(spec, {
      cwd: root,
      env: environment,
      logFile,
      say,
      fatal: (sentence) => (say(sentence), void stopAll(1))
    });
    children.push(child);
    say(`starting ${spec.name}…`);
    return child.start();
  };
  const run = (script: string, ...args: string[]) => {
    const result = spawnSync(process.execPath, [join(root, script), ...args], {
      cwd: root,
      env: environment,
      encoding: 'utf8'
    });
    if (result.status !== 0) throw new StartError(result.stderr.trim() || `${script} failed`);
    return result.stdout;
  };

  try {
    await buildConsole(root, say);
    if (embedded) await start({ name: 'engine', script: 'store/src/engine/serve.ts', readyWithinMs: 60_000 });
    // The lock of the folder says that no other migration of ours can be running: a leftover is one that was cut short.
    run('store/src/migrate/cli.ts', ...(embedded ? ['--take-over'] : []));
    await start({ name: 'collector', script: 'collector/src/serve.ts', readyWithinMs: 60_000 });
    const { created } = Created.parse(JSON.parse(run('console/src/provision.ts')));
    const { url } = await start({ name: 'console', script: 'console/src/serve.ts', readyWithinMs: 30_000 });
    say(`the console answers: ${url}`);
    if (created.length > 0) {
      say('first passwords (shown once; also in passwords.txt of the data folder until changed):');
      for (const { login, password } of created)
        process.stderr.write(`                 ${login.padEnd(12)} ${password}\n`);
    }
    await start({ name: 'watch', script: 'console/src/watch.ts', readyWithinMs: 30_000 });
    if (simulator)
      await start({
        name: 'simulator',
        script: 'simulator/src/main.ts',
        args: ['live'],
        readyWithinMs: 600_000
      });
    process.stdout.write(`${JSON.stringify({ ready: true, process: 'vigie', url })}\n`);
    say('everything runs. Ctrl-C stops it in order.');
  } catch (error) {
    if (signals > 0) return;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    await stopAll(1);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
