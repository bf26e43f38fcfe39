import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { engineConfig } from './config.ts';
import { Engine, scratchFolder } from './engine.ts';

const say = (line: Record<string, unknown>) => process.stdout.write(`${JSON.stringify(line)}\n`);
const giveUp = (code: number, sentence: string): never => {
  process.stderr.write(`${sentence}\n`);
  process.exit(code);
};

const config = engineConfig();
const id = createHash('sha256').update(resolve(config.dataFolder)).digest('hex').slice(0, 16);
const scratch = scratchFolder(config.dataFolder, existsSync('/dev/shm') ? '/dev/shm' : undefined, id);

async function open(): Promise<Engine> {
  try {
    return await new Engine({
      path: join(config.dataFolder, 'engine'),
      scratch,
      tokens: config.tokens
    }).prepare();
  } catch (error) {
    return giveUp(
      1,
      `The engine cannot open ${join(config.dataFolder, 'engine')}: ${error instanceof Error ? error.message : String(error)}`
    );
  }
}

const engine = await open();
const server = engine.server();
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
  const done = () => {
    engine.close();
    process.exit(0);
  };
  server.close(done);
  server.closeIdleConnections();
  setTimeout(() => server.closeAllConnections(), 5000).unref();
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
