import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { prepareFolder } from './data-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'vigie-folder-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the data folder and what it needs are made, open to this user alone', () => {
  const data = join(folder, 'a', 'b');
  prepareFolder(data);
  prepareFolder(data);
  for (const path of [data, join(data, 'run'), join(data, 'logs')])
    expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('a folder that cannot be made says why and what to do', () => {
  writeFileSync(join(folder, 'file'), '');
  const mend = 'give this user the right to write there, or choose another folder with --data.';
  expect(() => prepareFolder(join(folder, 'file', 'x'))).toThrow(`a file stands where a folder should): ${mend}`);
  expect(() => prepareFolder('/proc/vigie')).toThrow(`The data folder /proc/vigie cannot be written (ENOENT): ${mend}`);
});

test('a full disk is told before anything is started', () => {
  expect(() => prepareFolder(join(folder, 'full'), 1e18)).toThrow(
    /^The disk of .*full is full: \d+ MB are free and Vigie needs \d+ MB to start\. Free some space, or choose/
  );
});
