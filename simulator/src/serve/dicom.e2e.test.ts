import { execFile } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Health } from '../plan/health.ts';
import { serveDicom } from './dicom.ts';
import type { Served } from './listening.ts';

const state = new Map<string, Health>([
  ['VNA', 'up'],
  ['PULSY', 'down'],
  ['DEEPUNITY', 'slow']
]);
const studies = [9, 14].map((hour) => ({
  study: `1.2.3.${hour}`, accession: `A${hour}`, institution: 'Hôpital Nord', modality: hour === 9 ? 'CT' : 'MR', instances: hour,
  at: Date.parse(`2026-11-24T${String(hour).padStart(2, '0')}:30:00+01:00`)
})); // prettier-ignore
let served: Served;
beforeAll(async () => {
  served = await serveDicom(
    0,
    (ae) => state.get(ae),
    (ae, day) => (ae === 'VNA' && day === '2026-11-24' ? studies : [])
  );
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

test.each([
  [['StudyDate=20261124'], ['1.2.3.9', '1.2.3.14']],
  [['StudyDate=20261123-20261124', 'ModalitiesInStudy=MR'], ['1.2.3.14']],
  [['StudyDate=20261124', 'StudyTime=000000-115959.999999'], ['1.2.3.9']],
  [['StudyDate=20261123'], []]
])('findscu is answered for %s', async (keys, expected) => {
  const asked = [
    'QueryRetrieveLevel=STUDY',
    'StudyInstanceUID',
    'AccessionNumber',
    'InstitutionName',
    ...keys
  ];
  const output = await new Promise<string>((resolve, reject) =>
    execFile(
      'findscu',
      ['-v', '-S', '-aec', 'VNA', ...asked.flatMap((one) => ['-k', one]), '127.0.0.1', String(served.port)],
      (error, stdout, stderr) => (error ? reject(error) : resolve(stdout + stderr))
    )
  );
  expect([...output.matchAll(/\(0020,000d\) UI \[([\d.]+)/gi)].map((match) => match[1])).toEqual(expected);
  expect(output).toContain('Final Find Response (Success)');
});
