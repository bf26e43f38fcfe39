import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../testkit/ports.ts';
import { root } from '../testkit/process.ts';
import { until } from '../testkit/until.ts';
import { lives } from '@vigie/store/process-table';

const folder = mkdtempSync(join(tmpdir(), 'vigie-start-'));
const data = join(folder, 'data');
const inData = (path: string) => readFileSync(join(data, path), 'utf8');
let consolePort: number;
let enginePort: number;

interface Start {
  readonly process: ChildProcess;
  output(): string;
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>;
}
const starts: Start[] = [];

/** `npm start` as a terminal runs it: npm, its script and the supervisor are one group. */
function npmStart(...flags: string[]): Start {
  const child = spawn('npm', ['start', '--silent', '--', ...flags], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const start = { process: child, output: () => output, ended };
  starts.push(start);
  return start;
}

const flags = (): string[] => [
  '--data',
  data,
  '--console-port',
  String(consolePort),
  '--engine-port',
  String(enginePort),
  '--simulator-days',
  '1',
  ...['collector', 'syslog', 'syslog-tls', 'mllp', 'simulator-http', 'simulator-dicom'].flatMap((name) => [
    `--${name}-port`,
    '0'
  ])
];

async function running(start: Start): Promise<void> {
  await until(
    async () => start.process.exitCode !== null || start.output().includes('"process":"vigie"'),
    Boolean,
    120_000
  );
  expect(start.output()).toContain('everything runs');
}

/** Ctrl-C: the terminal signals the whole group. Resolves once all of it is gone; npm itself ends by the signal. */
async function ctrlC(start: Start): Promise<void> {
  process.kill(-(start.process.pid ?? 0), 'SIGINT');
  await start.ended;
}

async function events(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${enginePort}/?query=SELECT+count()+FROM+audit.event`, {
    headers: { 'X-ClickHouse-User': 'reader', 'X-ClickHouse-Key': inData('keys/engine-reader.token').trim() }
  });
  return Number(await response.text());
}

const children = () =>
  JSON.parse(inData('run/children.json')) as { name: string; pid: number; start: number }[];

beforeAll(async () => {
  consolePort = await freePort();
  enginePort = await freePort(new Set([consolePort]));
});
afterAll(async () => {
  for (const start of starts) {
    const { exitCode, signalCode } = start.process;
    if (exitCode === null && signalCode === null) await ctrlC(start);
  }
  rmSync(folder, { recursive: true, force: true });
});

test(
  'one command starts everything, shows the passwords once, and Ctrl-C stops all of it',
  { timeout: 240_000 },
  async () => {
    const start = npmStart(...flags());
    await running(start);
    const url = `http://127.0.0.1:${consolePort}`;
    expect(start.output()).toContain(`the console answers: ${url}`);
    expect((await fetch(`${url}/sign-in`)).status).toBe(200);
    for (const login of ['dsi', 'dpo', 'direction']) {
      const password = new RegExp(`^ +${login} +(\\S+)$`, 'm').exec(start.output())?.[1];
      expect(password).toMatch(/^\w{4}-\w{4}-\w{4}-\w{4}$/);
      expect(inData('passwords.txt')).toContain(`${login} ${password}\n`);
    }
    expect(statSync(join(data, 'passwords.txt')).mode & 0o777).toBe(0o600);
    expect(statSync(data).mode & 0o777).toBe(0o700);
    expect(await until(events, (n) => n > 100, 60_000)).toBeGreaterThan(100);
    const processes = children();
    expect(processes.map(({ name }) => name)).toEqual([
      'engine',
      'simulator',
      'collector',
      'console',
      'watch'
    ]);

    const second = npmStart(...flags());
    expect(await second.ended).toBe(1);
    expect(second.output()).toMatch(
      /Vigie already runs in \S+ \(process \d+\): stop it first \(Ctrl-C there\), or choose another folder with --data\./
    );

    await ctrlC(start);
    expect(start.output()).toContain('stopped. The next start finds everything that was received.');
    expect(start.output()).not.toContain('was ended');
    expect(processes.filter(lives)).toEqual([]);
    expect(existsSync(join(data, 'run', 'start.lock'))).toBe(false);
  }
);

test(
  'the next start finds all data, and one that was killed is cleared away',
  { timeout: 240_000 },
  async () => {
    const start = npmStart(...flags());
    await running(start);
    expect(start.output()).not.toContain('first passwords');
    const found = await events();
    expect(found).toBeGreaterThan(100);
    const supervisor = JSON.parse(inData('run/start.lock')) as { pid: number; start: number };
    const left = children();
    process.kill(supervisor.pid, 'SIGKILL');
    await start.ended;

    const next = npmStart(...flags());
    await running(next);
    expect(left.filter(lives)).toEqual([]);
    expect(await events()).toBeGreaterThanOrEqual(found);
    await ctrlC(next);
    expect(next.output()).toContain('stopped. The next start');
  }
);

test(
  'a busy port and a wrong vigie.yaml are told before anything is started',
  { timeout: 60_000 },
  async () => {
    const server = spawn(process.execPath, [
      '-e',
      `require('net').createServer().listen(${consolePort}, '127.0.0.1', () => console.log('up'))`
    ]);
    await once(server.stdout, 'data');
    const busy = npmStart(...flags());
    expect(await busy.ended).toBe(1);
    expect(busy.output()).toContain(
      `Port ${consolePort} is in use: stop what uses it, or choose another with --console-port.`
    );
    server.kill();

    const file = join(folder, 'group.yaml');
    const shipped = readFileSync(join(root, 'vigie.yaml'), 'utf8');
    writeFileSync(file, shipped.replace('short_name: Troyes', 'short_nam: Troyes'));
    const wrong = npmStart(...flags(), '--config', file);
    expect(await wrong.ended).toBe(1);
    expect(wrong.output()).toMatch(/group\.yaml:\d+:\d* ?.*sites\[0\]\.short_nam is not a known setting/);
    expect(existsSync(join(data, 'run', 'start.lock'))).toBe(false);
  }
);
