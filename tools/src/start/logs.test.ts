import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Complaints } from './complaints.ts';
import { LogFile } from './log-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'vigie-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a log and the one before it stay within their size, keep the newest lines, and go on after a restart', () => {
  const path = join(folder, 'a.log');
  for (const part of [0, 1]) {
    const log = new LogFile(path, 1000);
    for (let i = 0; i < 50; i++) log.write(`line ${part * 50 + i}`.padEnd(40, '.'));
    log.close();
  }
  expect(statSync(path).size + statSync(`${path}.1`).size).toBeLessThanOrEqual(1000);
  const lines = (readFileSync(`${path}.1`, 'utf8') + readFileSync(path, 'utf8')).trimEnd().split('\n');
  expect(lines.at(-1)).toMatch(/^line 99\.+$/);
  expect(lines.every((line) => line.length === 40)).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('the first error is told at once, the next ones are counted for a minute', () => {
  const said: string[] = [];
  const complaints = new Complaints((line) => said.push(line));
  const line = (level: number) =>
    JSON.stringify({ level, msg: 'the store does not answer', error: 'ECONNREFUSED' });
  complaints.see('collector', line(30), 'c.log', 0);
  complaints.see('collector', 'plain text', 'c.log', 0);
  complaints.see('collector', '{"level":50', 'c.log', 0);
  for (const at of [1, 2, 3]) complaints.see('collector', line(50), 'c.log', at);
  complaints.see('watch', line(60), 'w.log', 4);
  complaints.see('collector', line(50), 'c.log', 70_000);
  expect(said).toEqual([
    'collector: the store does not answer: ECONNREFUSED; see c.log',
    'watch: the store does not answer: ECONNREFUSED; see w.log',
    'collector: the store does not answer: ECONNREFUSED (and 2 more before it); see c.log'
  ]);
});
