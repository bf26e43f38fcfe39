import { execFile } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Health } from '../plan/outages.ts';
import { serveDicom } from './dicom.ts';
import type { Served } from './listening.ts';

const state = new Map<string, Health>([
  ['VNA', 'up'],
  ['PULSY', 'down'],
  ['DEEPUNITY', 'slow']
]);
let served: Served;
beforeAll(async () => {
  served = await serveDicom(0, (ae) => state.get(ae));
});
afterAll(() => served.close());

/** DCMTK's own C-ECHO. */
function echo(
  called: string,
  ...flags: string[]
): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    execFile(
      'echoscu',
      ['-v', ...flags, '-aec', called, '127.0.0.1', String(served.port)],
      (error, stdout, stderr) => resolve({ code: error ? 1 : 0, output: stdout + stderr })
    );
  });
}

test('echoscu finds the simulated systems as DICOM peers', async () => {
  const { code, output } = await echo('VNA');
  expect(output).toContain('Received Echo Response (Success)');
  expect(code).toBe(0);
  expect((await echo('VNA', '--repeat', '5', '--propose-ts', '3')).code).toBe(0);
  expect((await echo('DEEPUNITY')).code).toBe(0);
});

test('echoscu is told that a title is unknown, and gets no answer while a system is down', async () => {
  const unknown = await echo('NOBODY');
  expect(unknown.code).not.toBe(0);
  expect(unknown.output).toContain('Called AE Title Not Recognized');
  expect((await echo('PULSY')).code).not.toBe(0);
});
