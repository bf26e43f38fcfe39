import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './ports.ts';
import { signInOverHttp, type Reader } from './reader.ts';

/** A whole Vigie, started as `npm start` starts it. */
export interface TestStack {
  readonly pid: number;
  readonly url: string;
  readonly dataFolder: string;
  /** The VIGIE_* variables by which other programs reach it. */
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds from the command to the console's first answer. */
  readonly consoleMs: number;
  /** Signs in with the first password, which is then changed. */
  reader(login: string): Promise<Reader>;
  stop(): Promise<void>;
}

/**
 * Starts everything on free ports.
 * @param options.root the checkout to start, with its modules installed
 * @param options.dataFolder made when it is not there
 * @param options.flags more flags of npm start
 * @param options.progress told every line the start writes
 */
export async function startStack(options: {
  readonly root: string;
  readonly dataFolder: string;
  readonly flags?: readonly string[];
  readonly progress?: (line: string) => void;
}): Promise<TestStack> {
  const { root, dataFolder, flags = [], progress = () => undefined } = options;
  const names = [
    'ENGINE',
    'COLLECTOR',
    'SYSLOG',
    'SYSLOG_TLS',
    'MLLP',
    'CONSOLE',
    'SIMULATOR_HTTP',
    'SIMULATOR_DICOM'
  ];
  const env: Record<string, string> = { VIGIE_DATA: dataFolder };
  const taken = new Set<number>();
  for (const name of names) {
    const port = await freePort(taken);
    taken.add(port);
    env[`VIGIE_${name}_PORT`] = String(port);
  }
  const url = `http://127.0.0.1:${env['VIGIE_CONSOLE_PORT']}`;
  const started = performance.now();
  const child = spawn(process.execPath, [join(root, 'tools', 'start.mjs'), ...flags], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true
  });
  const exited = once(child, 'exit');
  const lastWords: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (lastWords.push(line) > 20) lastWords.shift();
    progress(line);
  });
  const ready = new Promise<true>((resolve) =>
    createInterface({ input: child.stdout }).on(
      'line',
      (line) => line.startsWith('{"ready"') && resolve(true)
    )
  );
  const ended = exited.then(() => false as const);
  let consoleMs: number | undefined;
  const answers = async () => {
    while (consoleMs === undefined && child.exitCode === null) {
      if (await isUp(url)) consoleMs = performance.now() - started;
      else await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const [running] = await Promise.all([Promise.race([ready, ended]), answers()]);
  if (!running || consoleMs === undefined) throw new Error(`Vigie did not start:\n${lastWords.join('\n')}`);
  return {
    pid: child.pid ?? 0,
    url,
    dataFolder,
    env,
    consoleMs,
    reader: (login) => signInOverHttp(url, login, firstPassword(dataFolder, login)),
    async stop() {
      child.kill('SIGTERM');
      await exited;
    }
  };
}

const isUp = (url: string): Promise<boolean> =>
  fetch(`${url}/sign-in`).then(
    async (response) => {
      await response.arrayBuffer();
      return response.ok;
    },
    () => false
  );

function firstPassword(dataFolder: string, login: string): string {
  const file = join(dataFolder, 'passwords.txt');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const password = lines.find((line) => line.startsWith(`${login} `))?.split(' ')[1];
  if (password === undefined) throw new Error(`${login} has no first password in ${file}`);
  return password;
}
