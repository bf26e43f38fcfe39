import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { engineConfig, prepareProcess, type EngineConfig } from './config.ts';
import { engineServer } from './http.ts';

/** How long running queries may go on after a signal to stop. */
const graceMs = 5000;

const say = (line: Record<string, unknown>) => process.stdout.write(`${JSON.stringify(line)}\n`);
const sentence = (error: unknown) => (error instanceof Error ? error.message : String(error));
function giveUp(code: number, text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(code);
}

function configure(): EngineConfig {
  try {
    return engineConfig();
  } catch (error) {
    return giveUp(1, `The engine's configuration is wrong: ${sentence(error)}`);
  }
}

const config = configure();
prepareProcess();
const engine = await open(config);
const server = engineServer(engine, config.tokens);
server.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EADDRINUSE')
    giveUp(2, `Port ${config.port} is in use: choose another with --engine-port or VIGIE_ENGINE_PORT.`);
  else giveUp(1, `The engine cannot listen: ${error.message}`);
});
server.listen(config.port, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  say({ ready: true, process: 'engine', url: `http://127.0.0.1:${port}` });
});

let stopping = false;
function stop(): void {
  if (stopping) return;
  stopping = true;
  server.close(() => void engine.close().finally(() => process.exit(0)));
  server.closeIdleConnections();
  setTimeout(() => server.closeAllConnections(), graceMs).unref();
  // Rows of an answered insert are on disk, so nothing is lost by not waiting for ever.
  setTimeout(() => process.exit(0), graceMs * 2).unref();
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

/** chDB reads its environment when it is loaded: hence the late import. */
async function open({ dataFolder, memoryBytes }: EngineConfig) {
  const id = createHash('sha256').update(resolve(dataFolder)).digest('hex').slice(0, 16);
  const memoryFolder = existsSync('/dev/shm') ? `/dev/shm/vigie-engine-${id}` : undefined;
  try {
    const { Engine } = await import('./engine.ts');
    return await Engine.open({ dataFolder: resolve(dataFolder), memoryFolder, memoryBytes });
  } catch (error) {
    const path = join(dataFolder, 'engine');
    const other = holder(path);
    return giveUp(
      1,
      other === undefined
        ? `The engine cannot open ${path}: ${sentence(error)}`
        : `Another engine (process ${other}) is using ${path}: stop it, or choose another data folder.`
    );
  }
}

/** Process that holds the tables, told by ClickHouse's own status file; undefined when none lives. */
function holder(path: string): number | undefined {
  try {
    const pid = Number(/^PID: (\d+)/m.exec(readFileSync(join(path, 'status'), 'utf8'))?.[1]);
    if (pid === process.pid) return undefined;
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}
