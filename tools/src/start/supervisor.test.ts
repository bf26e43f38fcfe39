import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lives, startOf } from '@vigie/store/process-table';
import { until } from '../testkit/until.ts';
import { pauseAfter } from './child.ts';
import { Supervisor } from './supervisor.ts';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A supervisor over a folder of its own, and what it said. */
function supervise() {
  const dataFolder = mkdtempSync(join(tmpdir(), 'vigie-supervisor-'));
  folders.push(dataFolder);
  for (const part of ['run', 'logs']) mkdirSync(join(dataFolder, part));
  const said: string[] = [];
  const say = (line: string) => said.push(line);
  const supervisor = new Supervisor({ cwd: dataFolder, dataFolder, env: process.env, say });
  const order = join(dataFolder, 'order');
  const start = (name: string, body: string, stopsFirst = false) =>
    supervisor.start({ name, command: ['-e', body], readyWithinMs: 5000, stopsFirst });
  const running = () =>
    JSON.parse(readFileSync(join(dataFolder, 'run', 'children.json'), 'utf8')) as {
      name: string;
      pid: number;
      start: number;
    }[];
  return { supervisor, dataFolder, said, order, start, running };
}

const ready = `console.log(JSON.stringify({ ready: true, process: 'x', url: 'http://127.0.0.1:1' })); setInterval(() => {}, 1000);`;
const tells = (name: string, order: string) =>
  `process.on('SIGTERM', () => { require('fs').appendFileSync('${order}', '${name} '); process.exit(0); }); ${ready}`;

test('processes are stopped in the reverse of their order, what only sends first, and their address is told', async () => {
  const { supervisor, order, start, running } = supervise();
  expect(await start('engine', tells('engine', order))).toMatchObject({ url: 'http://127.0.0.1:1' });
  await start('simulator', tells('simulator', order), true);
  await start('collector', tells('collector', order));
  expect(running().map(({ name }) => name)).toEqual(['engine', 'simulator', 'collector']);
  await supervisor.stop();
  expect(readFileSync(order, 'utf8')).toBe('simulator collector engine ');
});

test('a process that ends before it is ready is an error with its last words', async () => {
  const { supervisor, start } = supervise();
  await expect(start('console', `console.error('Port 8400 is in use'); process.exit(2);`)).rejects.toThrow(
    'Port 8400 is in use'
  );
  await supervisor.stop();
});

test('a process that dies is started again, visibly, after a pause that grows and ends', async () => {
  expect([1, 2, 3, 20].map(pauseAfter)).toEqual([500, 1000, 2000, 30_000]);
  const { supervisor, said, start, running, dataFolder } = supervise();
  await start('collector', ready);
  const [first] = running();
  process.kill(first?.pid ?? 0, 'SIGKILL');
  await until(
    async () => said.at(-1),
    (line) => line === 'collector runs again.',
    10_000
  );
  expect(said[0]).toContain(
    `collector ended by itself (SIGKILL); its last words are in ${dataFolder}/logs/collector.log`
  );
  expect(running()[0]?.pid).not.toBe(first?.pid);
  await supervisor.stop();
  expect(existsSync(join(dataFolder, 'run', 'children.json'))).toBe(false);
});

test('what a killed supervisor left behind is ended, and a stranger with the same number is not', async () => {
  const { supervisor, dataFolder, said } = supervise();
  const stray = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const identity = { pid: stray.pid ?? 0, start: startOf(stray.pid ?? 0) ?? 0 };
  const list = [
    { name: 'stranger', pid: process.pid, start: 1 },
    { name: 'engine', ...identity }
  ];
  writeFileSync(join(dataFolder, 'run', 'children.json'), JSON.stringify(list));
  await supervisor.endStrays();
  expect(said).toEqual(['ending what an earlier start left: engine']);
  expect(lives(identity)).toBe(false);
});

test('one that ends by itself while another is being ended is no error', async () => {
  const { supervisor, dataFolder } = supervise();
  const started = (code: string) => {
    const { pid = 0 } = spawn(process.execPath, ['-e', code], { stdio: 'ignore' });
    return { pid, start: startOf(pid) ?? 0 };
  };
  const engine = started('setInterval(() => {}, 1000)');
  const watch = started(
    `setInterval(() => { try { process.kill(${engine.pid}, 0); } catch { process.exit(); } }, 1)`
  );
  writeFileSync(
    join(dataFolder, 'run', 'children.json'),
    JSON.stringify([
      { name: 'watch', ...watch },
      { name: 'engine', ...engine }
    ])
  );
  await supervisor.endStrays();
  expect([engine, watch].map(lives)).toEqual([false, false]);
});
