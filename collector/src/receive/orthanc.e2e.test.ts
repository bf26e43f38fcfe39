import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { OrthancDocument } from '../decode/pull/orthanc.ts';
import { decodeBatch } from '../spool/record.ts';
import { Spool } from '../spool/spool.ts';
import { startOrthancPull, type OrthancPull } from './orthanc.ts';
import type { PullDependencies } from './pull.ts';
import type { Schedule } from './schedule.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'vigie-orthanc-'));
const studyUid = (n: number) => `1.2.250.1.999.77.${n}`;
let http: number;
let dicom: number;
let workstation: number;
let orthanc: ChildProcess;
let spool: Spool;
let pulling: Schedule | undefined;
let failures: string[];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function startOrthanc(database: string, more: object = {}): Promise<ChildProcess> {
  const home = join(folder, database);
  mkdirSync(home, { recursive: true });
  const settings = {
    Name: 'PACS',
    StorageDirectory: home,
    IndexDirectory: home,
    Plugins: [],
    HttpPort: http,
    DicomPort: dicom,
    DicomAet: 'PACS',
    RemoteAccessAllowed: false,
    AuthenticationEnabled: true,
    RegisteredUsers: { vigie: 'reader-secret' },
    DicomAlwaysAllowStore: true,
    DicomCheckCalledAet: false,
    DicomModalities: { ws: ['WS', '127.0.0.1', workstation] },
    ...more
  };
  writeFileSync(join(folder, 'orthanc.json'), JSON.stringify(settings));
  const child = spawn('Orthanc', [join(folder, 'orthanc.json')], { stdio: 'ignore' });
  const authorization = `Basic ${Buffer.from('vigie:reader-secret').toString('base64')}`;
  await vi.waitFor(
    async () => {
      const response = await fetch(`http://127.0.0.1:${http}/system`, { headers: { authorization } });
      expect(response.status).toBe(200);
    },
    { timeout: 20_000, interval: 100 }
  );
  return child;
}

async function stopOrthanc(): Promise<void> {
  const gone = once(orthanc, 'exit');
  orthanc.kill('SIGTERM');
  await gone;
}

/** Makes one small study with dump2dcm and returns its files. */
async function makeStudy(n: number, modality: string, sopClass: string, images: number): Promise<string[]> {
  const files: string[] = [];
  for (let i = 1; i <= images; i++) {
    const file = join(folder, `${n}-${i}.dcm`);
    const dump = `(0002,0010) UI [1.2.840.10008.1.2.1]
(0008,0016) UI [${sopClass}]
(0008,0018) UI [${studyUid(n)}.1.${i}]
(0008,0050) SH [A${n}]
(0008,0060) CS [${modality}]
(0008,0080) LO [CH Nord]
(0008,1010) SH [ROOM${n}]
(0010,0010) PN [BERTHIER^Zoe]
(0010,0020) LO [P${n}]
(0020,000d) UI [${studyUid(n)}]
(0020,000e) UI [${studyUid(n)}.1]
(0020,0013) IS [${i}]
`;
    writeFileSync(`${file}.dump`, dump);
    await run('dump2dcm', ['-q', `${file}.dump`, file]);
    files.push(file);
  }
  return files;
}

const send = (callingAe: string, files: readonly string[]) =>
  run('storescu', ['-aet', callingAe, '-aec', 'PACS', '127.0.0.1', String(dicom), ...files]);

function pull(): OrthancPull {
  return {
    kind: 'orthanc',
    id: 'orthanc-test',
    system: 'pacs',
    url: `http://127.0.0.1:${http}`,
    username: 'vigie',
    password_file: join(folder, 'password'),
    every_seconds: 1,
    pool: 'ON-1',
    tier: 'online'
  };
}

function startPulling(): void {
  const dependencies: PullDependencies = {
    spool,
    observe: { pulled: () => {}, failed: (_, code) => failures.push(code) }
  };
  pulling = startOrthancPull(pull(), dependencies);
}

const documents = () =>
  [...spool.environment.batches.ops.getRange()]
    .flatMap(({ value }) => decodeBatch(value))
    .map(({ raw }) => OrthancDocument.parse(JSON.parse(raw.toString())));
const received = () => documents().filter((one) => one.kind === 'received');
const sum = (n: number) =>
  received()
    .filter(({ study }) => study === studyUid(n))
    .reduce((total, one) => total + one.instances, 0);

const openSpool = () =>
  new Spool(
    join(folder, 'spool'),
    { maxBytes: 50_000_000, reserveBytes: 0 },
    new SharedArrayBuffer(24),
    () => {}
  );

beforeAll(async () => {
  http = await freePort();
  dicom = await freePort();
  workstation = await freePort();
  writeFileSync(join(folder, 'password'), 'reader-secret\n', { mode: 0o600 });
  orthanc = await startOrthanc('first');
});
afterAll(async () => {
  await stopOrthanc();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  failures = [];
  rmSync(join(folder, 'spool'), { recursive: true, force: true });
  spool = openSpool();
});
afterEach(async () => {
  await pulling?.stop();
  await spool.close();
});

test('what modalities store is told with sender, modality, count and bytes, and the pool with its state', async () => {
  const ct = await makeStudy(1, 'CT', '1.2.840.10008.5.1.4.1.1.2', 5);
  const mr = await makeStudy(2, 'MR', '1.2.840.10008.5.1.4.1.1.4', 3);
  await send('NORD_CT1', ct);
  startPulling();
  await vi.waitFor(() => expect(sum(1)).toBe(5), { timeout: 15_000 });
  await send('SUD_MR1', mr);
  await vi.waitFor(() => expect(sum(2)).toBe(3), { timeout: 15_000 });
  const [first] = received();
  expect(first).toMatchObject({
    system: 'pacs',
    pool: 'ON-1',
    tier: 'online',
    calling_ae: 'NORD_CT1',
    called_ae: 'PACS',
    peer: '127.0.0.1',
    origin: 'DicomProtocol',
    modality: 'CT',
    station: 'ROOM1',
    institution: 'CH Nord',
    study: studyUid(1),
    sop_class: '1.2.840.10008.5.1.4.1.1.2'
  });
  const bytes = received()
    .filter(({ study }) => study === studyUid(1))
    .reduce((total, one) => total + one.bytes, 0);
  // storescu writes its own file header, so sizes differ from ours by a few bytes each.
  expect(Math.abs(bytes - ct.reduce((total, file) => total + statSync(file).size, 0))).toBeLessThan(5 * 200);
  await vi.waitFor(() =>
    expect(
      documents()
        .filter((one) => one.kind === 'statistics')
        .at(-1)
    ).toMatchObject({ studies: 2, instances: 8 })
  );
  const own = documents().find((one) => one.kind === 'gauges');
  const told = new Map(own?.gauges.map(({ gauge, unit, value }) => [`${gauge} ${unit}`, value]));
  expect(told.get('studies count')).toBeGreaterThan(0);
  expect(told.get('disk-size bytes')).toBeGreaterThan(0);
  expect([told.get('jobs-pending count'), told.get('jobs-failed count')]).toEqual([0, 0]);
  expect([...told.keys()]).toEqual(
    expect.arrayContaining(['series count', 'patients count', 'rest-api-duration ms'])
  );
  expect(failures).toEqual([]);
});

test('a restart of the collector or of Orthanc neither loses nor repeats anything', async () => {
  startPulling();
  await vi.waitFor(() => expect(sum(1) + sum(2)).toBe(8), { timeout: 15_000 });
  await pulling?.stop();
  await spool.close();
  spool = openSpool();
  await stopOrthanc();
  startPulling();
  await vi.waitFor(() => expect(failures).toContain('unreachable'), { timeout: 15_000 });
  orthanc = await startOrthanc('first');
  await send('NORD_CT1', await makeStudy(3, 'CT', '1.2.840.10008.5.1.4.1.1.2', 2));
  await vi.waitFor(() => expect(sum(3)).toBe(2), { timeout: 15_000 });
  expect([sum(1), sum(2), sum(3)]).toEqual([5, 3, 2]);
});

test('when Orthanc starts anew with an empty database, its new instances are told', async () => {
  startPulling();
  await vi.waitFor(() => expect(sum(3)).toBe(2), { timeout: 15_000 });
  await stopOrthanc();
  orthanc = await startOrthanc('second');
  await send('SUD_MR1', await makeStudy(4, 'MR', '1.2.840.10008.5.1.4.1.1.4', 1));
  await vi.waitFor(() => expect(sum(4)).toBe(1), { timeout: 15_000 });
  expect(failures).toContain('reset');
  expect([sum(1), sum(2), sum(3)]).toEqual([5, 3, 2]);
});

test('a wrong password is a failure with a name, and nothing is told', async () => {
  writeFileSync(join(folder, 'password'), 'wrong\n');
  startPulling();
  await vi.waitFor(() => expect(failures).toContain('status'), { timeout: 15_000 });
  expect(documents()).toEqual([]);
  writeFileSync(join(folder, 'password'), 'reader-secret\n');
  await vi.waitFor(() => expect(documents().length).toBeGreaterThan(0), { timeout: 15_000 });
});

const ask = async (path: string, init: RequestInit = {}) => {
  const authorization = `Basic ${Buffer.from('vigie:reader-secret').toString('base64')}`;
  const response = await fetch(`http://127.0.0.1:${http}/${path}`, { ...init, headers: { authorization } });
  return response.json() as Promise<unknown>;
};
const idOf = async (n: number) =>
  ((await ask('tools/lookup', { method: 'POST', body: studyUid(n) })) as { ID: string }[])[0]?.ID ?? '';

test('the study that was read last is deleted: its rows leave the list, and reading goes on where it was', async () => {
  startPulling();
  for (const n of [5, 6, 7]) {
    await send('NORD_CT1', await makeStudy(n, 'CT', '1.2.840.10008.5.1.4.1.1.2', 2));
    await vi.waitFor(() => expect(sum(n)).toBe(2), { timeout: 15_000 });
  }
  await ask(`studies/${await idOf(7)}`, { method: 'DELETE' });
  await send('NORD_CT1', await makeStudy(8, 'CT', '1.2.840.10008.5.1.4.1.1.2', 2));
  await vi.waitFor(() => expect(sum(8)).toBe(2), { timeout: 15_000 });
  expect([sum(5), sum(6), sum(7)]).toEqual([2, 2, 2]);
  expect(failures).toEqual([]);
});

test('a database that was replaced and has grown past what was read is noticed by what is no longer in it', async () => {
  startPulling();
  await vi.waitFor(() => expect(sum(8)).toBe(2), { timeout: 15_000 });
  await pulling?.stop();
  const { seq } = spool.cursor('orthanc:orthanc-test') as { seq: number };
  await stopOrthanc();
  orthanc = await startOrthanc('third');
  const last = async () => ((await ask('changes?last')) as { Last: number }).Last;
  for (let n = 20; (await last().catch(() => 0)) <= seq + 2; n++)
    await send('NORD_CT1', await makeStudy(n, 'CT', '1.2.840.10008.5.1.4.1.1.2', 2));
  // The row at the cursor is not there, as after a deletion.
  const rows = (await ask(`changes?since=${seq - 1}&limit=1`)) as { Changes: { ID: string }[] };
  for (const kind of ['instances', 'series', 'studies', 'patients'])
    await ask(`${kind}/${rows.Changes[0]?.ID}`, { method: 'DELETE' }).catch(() => undefined);
  startPulling();
  await vi.waitFor(() => expect(failures).toContain('reset'), { timeout: 15_000 });
  await vi.waitFor(() => expect(received().some((one) => one.study === studyUid(20) || one.study === studyUid(21))).toBe(true), { timeout: 15_000 }); // prettier-ignore
});

test('what Orthanc sends on is told once, as the job that sent it', async () => {
  const scp = spawn('storescp', ['-od', folder, '-aet', 'WS', String(workstation)], { stdio: 'ignore' });
  try {
    await send('NORD_CT1', await makeStudy(40, 'CT', '1.2.840.10008.5.1.4.1.1.2', 3));
    await vi.waitFor(async () => {
      const sent = await ask('modalities/ws/store', { method: 'POST', body: await idOf(40) });
      expect(sent).toMatchObject({ FailedInstancesCount: 0 });
    });
    startPulling();
    const jobs = () => documents().filter((one) => one.kind === 'sent');
    await vi.waitFor(() => expect(jobs().length).toBeGreaterThan(0), { timeout: 15_000 });
    expect(jobs()[0]).toMatchObject({
      calling_ae: 'PACS', called_ae: 'WS', instances: 3, failures: 0, outcome: 'success', error_code: 0
    }); // prettier-ignore
    await pulling?.stop();
    const told = jobs().length;
    startPulling();
    await vi.waitFor(() => expect(documents().filter((one) => one.kind === 'statistics').length).toBeGreaterThan(1), { timeout: 15_000 }); // prettier-ignore
    expect(jobs()).toHaveLength(told);
  } finally {
    const gone = once(scp, 'exit');
    scp.kill('SIGTERM');
    await gone;
  }
});

test('an Orthanc whose metrics are off tells what it holds all the same, and that is said once', async () => {
  await stopOrthanc();
  orthanc = await startOrthanc('third', { MetricsEnabled: false });
  startPulling();
  const gauges = () => documents().filter((one) => one.kind === 'gauges');
  await vi.waitFor(() => expect(gauges().length).toBeGreaterThan(0), { timeout: 15_000 });
  const names = gauges()[0]?.gauges.map(({ gauge }) => gauge);
  expect(names).toEqual(['patients', 'studies', 'series', 'instances', 'disk-size', 'uncompressed-size']);
  expect(failures.filter((code) => code === 'missing')).toHaveLength(1);
});
