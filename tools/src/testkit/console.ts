import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { buildConsole } from '../start/build-console.ts';
import type { TestCollector } from './collector.ts';
import type { TestEngine } from './engine.ts';
import { root, startProcess, type TestProcess } from './process.ts';
import { signInOverHttp, type Reader } from './reader.ts';

const Created = z.object({ created: z.array(z.object({ login: z.string(), password: z.string() })) });

/** The real console process over a test engine and collector. */
export interface TestConsole {
  readonly url: string;
  readonly process: TestProcess;
  /** First password of each account. */
  readonly passwords: ReadonlyMap<string, string>;
  /** The VIGIE_* variables by which other programs reach the same installation. */
  readonly env: Readonly<Record<string, string>>;
  /** Signs in over HTTP, choosing a new password. @returns what asks as that reader */
  reader(login: string): Promise<Reader>;
  kill9(): Promise<void>;
  /** Starts again on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Builds the console if need be, gives the accounts first passwords, and starts it on a free port. */
export async function startTestConsole(engine: TestEngine, collector: TestCollector): Promise<TestConsole> {
  await buildConsole(root.replace(/\/$/, ''), () => undefined);
  const env = {
    VIGIE_CONFIG: join(engine.dataFolder, 'vigie.yaml'),
    VIGIE_DATA: engine.dataFolder,
    VIGIE_ENGINE_PORT: String(engine.port),
    VIGIE_COLLECTOR_PORT: String(collector.ports.http)
  };
  const output = execFileSync(process.execPath, [join(root, 'console/src/provision.ts')], {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: 'utf8'
  });
  const passwords = new Map(
    Created.parse(JSON.parse(output)).created.map(({ login, password }) => [login, password])
  );
  const start = (port: string) =>
    startProcess('console/src/serve.ts', { env: { ...env, VIGIE_CONSOLE_PORT: port } });
  let current = await start('0');
  const url = String(current.ready['url']);
  const signedIn = new Map<string, Promise<Reader>>();
  return {
    url,
    get process() {
      return current;
    },
    passwords,
    env,
    reader(login) {
      const known = signedIn.get(login) ?? signInOverHttp(url, login, passwords.get(login) ?? '');
      signedIn.set(login, known);
      return known;
    },
    kill9: () => current.kill9(),
    async restart() {
      await current.stop();
      current = await start(new URL(url).port);
    },
    async stop() {
      await current.stop();
    }
  };
}
