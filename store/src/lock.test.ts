import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { takeLock } from './lock.ts';
import { startOf } from './process-table.ts';

const folder = mkdtempSync(join(tmpdir(), 'vigie-lock-'));
const file = join(folder, 'start.lock');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const heldBy = (pid: number, start: number) => writeFileSync(file, JSON.stringify({ pid, start }));

test('a lock is taken, names its holder while it lives, and is given back', () => {
  const first = takeLock(file);
  if (!('release' in first)) throw new Error('not taken');
  expect(takeLock(file)).toEqual({ holder: { pid: process.pid, start: startOf(process.pid) } });
  first.release();
  expect(existsSync(file)).toBe(false);
});

test('the lock of a process that is gone, of another that has its number now, and a torn one are taken over', async () => {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
  const start = startOf(child.pid ?? 0) ?? 0;
  heldBy(child.pid ?? 0, start);
  expect(takeLock(file)).toEqual({ holder: { pid: child.pid, start } });
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  for (const stale of [
    JSON.stringify({ pid: child.pid, start }),
    JSON.stringify({ pid: process.pid, start: 1 }),
    '{"pid":'
  ]) {
    writeFileSync(file, stale);
    const taken = takeLock(file);
    if (!('release' in taken)) throw new Error(`kept by ${stale}`);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid });
    taken.release();
  }
});
