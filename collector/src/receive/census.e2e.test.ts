import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '@vigie/schemas';
import { Pull } from '@vigie/schemas/config/inputs';
import { CensusRecord } from '@vigie/schemas/facts/census';
import { freePort } from '@vigie/tools/testkit/ports';
import { makeStudy, startOrthanc, storescu, type TestOrthanc } from '@vigie/tools/testkit/orthanc';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createDirectory } from '../normalise/directory.ts';
import { decodeBatch } from '../spool/record.ts';
import { Spool } from '../spool/spool.ts';
import { startCensusPull } from './census.ts';
import type { CensusPull } from './census-ask.ts';
import type { Schedule } from './schedule.ts';

const folder = mkdtempSync(join(tmpdir(), 'vigie-census-'));
const ct = '1.2.840.10008.5.1.4.1.1.2';
const mr = '1.2.840.10008.5.1.4.1.1.4';
// As an archive counts its days: those of Paris begin before those of UTC.
const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris' }).format();
const compact = day.replaceAll('-', '');
const yesterday = new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
const config = parseConfig(
  `organisation: { id: g, name: G }
establishments: [{ id: e, name: E, finess_ej: '100000017' }]
sites: [{ id: nord, name: CH Nord, short_name: Nord, establishment: e, finess_eg: '100000025' }]
systems: [{ id: pacs, name: PACS, kind: pacs }, { id: vna, name: VNA, kind: vna }]
accounts: [{ login: dsi, name: D, role: dsi, establishments: all }]`,
  'vigie.yaml',
  {}
);
const directory = createDirectory(config, Buffer.alloc(32));

let orthanc: TestOrthanc;
let qr: ChildProcess;
let qrPort: number;
let spool: Spool;
let schedules: Schedule[] = [];
let failures: string[] = [];

beforeAll(async () => {
  orthanc = await startOrthanc(folder, 'PACS', {
    dicomWeb: true,
    settings: {
      DicomModalities: { vigie: ['VIGIE', '127.0.0.1', 104] },
      LimitFindResults: 4
    }
  });
  qrPort = await freePort();
  mkdirSync(join(folder, 'qr'));
  writeFileSync(
    join(folder, 'qr.cfg'),
    `NetworkTCPPort = ${qrPort}
MaxPDUSize = 16384
MaxAssociations = 16
HostTable BEGIN
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
VNA ${join(folder, 'qr')} RW (500, 4096mb) ANY
AETable END
`
  );
  qr = spawn('dcmqrscp', ['-c', join(folder, 'qr.cfg')], { stdio: 'ignore' });
  for (let n = 11; n <= 13; n++)
    await storescu(orthanc, 'NORD_CT1', 'PACS', (await makeStudy(folder, n, 'CT', ct, 1, yesterday)).files);
  for (let n = 1; n <= 6; n++) {
    const made = await makeStudy(folder, n, n <= 3 ? 'CT' : 'MR', n <= 3 ? ct : mr, n, compact);
    await storescu(orthanc, 'NORD_CT1', 'PACS', made.files);
    // The VNA lacks the last one.
    if (n < 6) await vi.waitFor(() => storescu({ ...orthanc, dicomPort: qrPort }, 'PACS', 'VNA', made.files));
  }
});
afterAll(async () => {
  await orthanc?.stop();
  const gone = qr && once(qr, 'exit');
  qr?.kill('SIGTERM');
  await gone;
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  failures = [];
  schedules = [];
  rmSync(join(folder, 'spool'), { recursive: true, force: true });
  spool = new Spool(
    join(folder, 'spool'),
    { maxBytes: 50_000_000, reserveBytes: 0 },
    new SharedArrayBuffer(24),
    () => {}
  );
});
afterEach(async () => {
  await Promise.all(schedules.map((one) => one.stop()));
  await spool.close();
});

const records = (system?: string) =>
  [...spool.environment.batches.ops.getRange()]
    .flatMap(({ value }) => decodeBatch(value))
    .map(({ raw }) => CensusRecord.parse(JSON.parse(raw.toString())))
    .filter((one) => system === undefined || one.system === system);
const told = (system: string) =>
  records(system)
    .flatMap(({ studies }) => studies)
    .map(({ study, state }) => `${study.split('.').at(-1)} ${state}`);

function take(more: Record<string, unknown>, beyond: Partial<CensusPull> = {}): void {
  const pull = Pull.parse({
    kind: 'census', days: 2, every_seconds: 10, timeout_seconds: 10, max_queries_per_minute: 600, ...more
  }) as CensusPull; // prettier-ignore
  const failed = (_: string, code: string, line: string) =>
    void failures.push(code === 'partial' ? code : `${code}: ${line}`);
  // Faster than a configuration may say.
  const quick = { ...pull, every_seconds: 1, max_queries_per_minute: 6000, ...beyond };
  schedules.push(startCensusPull(quick, { spool, directory, observe: { pulled: () => {}, failed } }));
}
const qido = (more = {}, beyond = {}) =>
  take({ id: 'q', system: 'pacs', protocol: 'qido', url: `${orthanc.url}/dicom-web`, ...more }, beyond);
const find = (system: string, port: number, called: string, more = {}) =>
  take({
    id: `f-${system}`,
    system,
    protocol: 'c-find',
    host: '127.0.0.1',
    port,
    called_ae: called,
    ...more
  });

const wholeToday = (system: string) =>
  records(system).find(
    ({ study_date: date, complete, total }) => date === day && complete && total?.studies === 6
  );

test('Orthanc by QIDO-RS: studies, accession numbers, site, modality and instances', async () => {
  qido();
  await vi.waitFor(() => expect(told('pacs')).toHaveLength(9), { timeout: 15_000 });
  // It gives five of six without a word: found out by a range of two days, and asked for by modality.
  expect(records()[0]?.total?.studies).toBe(5);
  expect(wholeToday('pacs')?.total).toEqual({ studies: 6, instances: 21 });
  const cells = records()
    .filter(({ study_date: date }) => date === day)
    .flatMap(({ counts }) => counts);
  const last = new Map(cells.map(({ site, modality, studies }) => [`${site} ${modality}`, studies]));
  expect(Object.fromEntries(last)).toEqual({ 'nord CT': 3, 'nord MR': 3 });
  const studies = records().flatMap((one) => one.studies);
  expect(studies.find(({ study }) => study.endsWith('.78.4'))).toEqual({
    study: '1.2.250.1.999.78.4', accession: 'E4', site: 'nord', modality: 'MR', instances: 4, state: 'seen'
  }); // prettier-ignore
  expect(failures).toEqual([]);
});

test('Orthanc by C-FIND, which says when it cuts its answers short, is asked by modality at once', async () => {
  find('pacs', orthanc.dicomPort, 'PACS');
  await vi.waitFor(() => expect(records().length).toBeGreaterThanOrEqual(2), { timeout: 20_000 });
  expect(records()[0]).toMatchObject({ complete: true, total: { studies: 6, instances: 21 } });
  expect(failures).toEqual([]);
});

test('DCMTK’s dcmqrscp by C-FIND: the same studies, but for the one that was not copied', async () => {
  find('vna', qrPort, 'VNA', { sites_by_accession: [{ prefix: 'E', site: 'nord' }] });
  await vi.waitFor(() => expect(records().length).toBeGreaterThanOrEqual(2), { timeout: 15_000 });
  expect(records()[0]).toMatchObject({ complete: true, total: { studies: 5 } });
  expect(told('vna').toSorted()).toEqual(['1 seen', '2 seen', '3 seen', '4 seen', '5 seen']);
  expect(records()[0]?.counts.every(({ site }) => site === 'nord')).toBe(true);
  expect(failures).toEqual([]);
});

test('a restart repeats nothing; a study deleted in Orthanc is told as gone, and only then', async () => {
  qido();
  await vi.waitFor(() => expect(told('pacs')).toHaveLength(9), { timeout: 15_000 });
  await schedules.pop()?.stop();
  qido();
  const before = records().length;
  await vi.waitFor(() => expect(records().length).toBeGreaterThan(before + 1), { timeout: 15_000 });
  expect(told('pacs')).toHaveLength(9);
  const found = (await (
    await fetch(`${orthanc.url}/tools/lookup`, { method: 'POST', body: '1.2.250.1.999.78.2' })
  ).json()) as { Path: string }[];
  await fetch(`${orthanc.url}${found[0]?.Path}`, { method: 'DELETE' });
  await vi.waitFor(() => expect(told('pacs').at(-1)).toBe('2 gone'), { timeout: 20_000 });
  expect(told('pacs').filter((one) => one.endsWith('gone'))).toHaveLength(1);
});

test('an answer limited by the pull itself is marked as a part, and nothing is taken for deleted', async () => {
  qido();
  await vi.waitFor(() => expect(told('pacs').length).toBeGreaterThan(3), { timeout: 15_000 });
  await schedules.pop()?.stop();
  qido({ max_studies: 10, days: 1 }, { max_studies: 1 });
  await vi.waitFor(() => expect(records().filter(({ complete }) => !complete).length).toBeGreaterThan(2), {
    timeout: 45_000
  });
  expect(records().find(({ complete }) => !complete)).toMatchObject({ reason: 'truncated', counts: [] });
  expect(told('pacs').some((one) => one.endsWith('gone'))).toBe(false);
  expect(failures).toContain('partial');
}, 60_000);

test.each([
  ['an AE title that Orthanc does not know', () => find('pacs', orthanc.dicomPort, 'PACS', { calling_ae: 'STRANGER' }), /the archive pacs \(PACS\).*declare.*STRANGER/],
  ['a called title that nobody has', () => find('vna', qrPort, 'NOBODY'), /rejected: the archive vna \(NOBODY\) does not let VIGIE in/],
  ['a port where nobody listens', () => find('vna', 1, 'VNA'), /unreachable: the archive vna \(VNA\) cannot be reached: check host and port/],
  ['an address that is not DICOMweb', () => qido({ url: `${orthanc.url}/nothing` }), /status: the archive pacs .*answered 404: check that url is the root of its DICOMweb/]
])('%s is named with the archive and the mend', async (_, start, line) => {
  start();
  await vi.waitFor(() => expect(failures[0]).toMatch(line), { timeout: 15_000 });
  expect(records()).toEqual([]);
}); // prettier-ignore
