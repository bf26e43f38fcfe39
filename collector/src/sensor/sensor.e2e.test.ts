import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  dcmtk,
  dcmtkKilled,
  startArchive,
  startStorescp,
  type DcmtkServer
} from '@vigie/tools/testkit/dcmtk';
import { eventually } from '@vigie/tools/testkit/eventually';
import { startLiveCapture, tsharkAssociations } from '@vigie/tools/testkit/live-capture';
import { makeStudy } from '@vigie/tools/testkit/orthanc';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AssociationReport } from './dicom/report.ts';
import { factsOf } from './report/facts.ts';
import { readCapture } from './testkit.ts';

/* Real DCMTK on the loopback interface, captured by a real tcpdump, read by tshark and by us. */

const ct = '1.2.840.10008.5.1.4.1.1.2';
const mr = '1.2.840.10008.5.1.4.1.1.4';
const folder = mkdtempSync(join(tmpdir(), 'vigie-sensor-'));
const servers: DcmtkServer[] = [];
let file = '';
let ports: number[] = [];
let reports: AssociationReport[] = [];

beforeAll(async () => {
  const destination = await startStorescp(join(folder, 'dest'));
  const archive = await startArchive(folder, destination.port);
  const refusing = await startStorescp(join(folder, 'refusing'), '--refuse');
  const aborting = await startStorescp(join(folder, 'aborting'), '--abort-during');
  const slow = await startStorescp(join(folder, 'slow'), '--sleep-during', '5');
  servers.push(destination, archive, refusing, aborting, slow);
  ports = servers.map(({ port }) => port);
  const ctStudy = await makeStudy(folder, 1, 'CT', ct, 5);
  const mrStudy = await makeStudy(folder, 2, 'MR', mr, 3);
  file = join(folder, 'live.pcap');
  const to = (server: DcmtkServer, calling: string, called = 'ARCHIVE') =>
    `-aet ${calling} -aec ${called} 127.0.0.1 ${server.port}`.split(' ');
  const keys = (...extra: string[]) => [
    '-k',
    '0008,0052=STUDY',
    '-k',
    `0020,000D=${ctStudy.study}`,
    ...extra
  ];
  const capture = await startLiveCapture(file, ports);
  await dcmtk('echoscu', ...to(archive, 'CT1'));
  await dcmtk('storescu', ...to(archive, 'CT1'), ...ctStudy.files);
  await dcmtk('storescu', ...to(archive, 'MR1'), ...mrStudy.files);
  await dcmtk('findscu', '-S', ...keys('-k', '0010,0010'), ...to(archive, 'WS'));
  await dcmtk('movescu', '-S', '-aem', 'DEST', ...keys(), ...to(archive, 'WS'));
  mkdirSync(join(folder, 'got'));
  await dcmtk('getscu', '-S', '-od', join(folder, 'got'), ...keys(), ...to(archive, 'WS'));
  await dcmtk('echoscu', ...to(archive, 'CT1', 'NOBODY'));
  await dcmtk('echoscu', ...to(refusing, 'CT1', 'REFUSING'));
  await dcmtk('echoscu', '--abort', ...to(archive, 'MR1'));
  await dcmtk('storescu', ...to(aborting, 'CT1', 'ABORTING'), ...ctStudy.files);
  await dcmtkKilled(1500, 'storescu', ...to(slow, 'CT1', 'SLOW'), ...ctStudy.files);
  // The server sleeps on; that it ends shows the connection to be over.
  await slow.stop();
  await capture.stop();
  reports = readCapture([readFileSync(file)], { ports: new Set(ports) }).reports;
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
});

test('every association of the drive is told, with its outcome', () => {
  const told = reports
    .flatMap(factsOf)
    .map(({ calling_ae: calling, called_ae: called, service, status, instances, failures, reason }) =>
      [calling, called, service, status, instances ?? '-', failures ?? '-', reason ?? ''].join(' ').trim()
    )
    .toSorted();
  expect(told).toEqual(
    [
      'CT1 ARCHIVE C-ECHO success - -',
      'CT1 ARCHIVE C-STORE success 5 0',
      'MR1 ARCHIVE C-STORE success 3 0',
      'WS ARCHIVE C-FIND success - -',
      'WS ARCHIVE C-MOVE success 5 0',
      'ARCHIVE DEST C-STORE success 5 0',
      'WS ARCHIVE C-GET success 5 0',
      'CT1 NOBODY C-ECHO rejected - - called-ae-not-recognized',
      'CT1 REFUSING C-ECHO rejected - - no-reason-given',
      'MR1 ARCHIVE C-ECHO aborted - - aborted-by-calling',
      'CT1 ABORTING C-STORE aborted 0 1 aborted-by-called',
      'CT1 SLOW C-STORE aborted 0 1 connection-lost'
    ].toSorted()
  );
});

test('titles, commands, statuses and bytes of data sets are those of tshark', async () => {
  const oracle = [...(await tsharkAssociations(file, ports)).values()];
  const key = (one: { calling: string; called: string }) => `${one.calling}>${one.called}`;
  const ours = reports.map((report) => ({
    pair: key(report),
    requests: report.services.reduce((sum, { requests, service, returned, returnedFailed }) => sum + requests + (service === 'C-GET' ? returned + returnedFailed : 0), 0), // prettier-ignore
    statuses: Object.fromEntries(
      report.services
        .flatMap(({ statuses }) => [...statuses])
        .map(([status, count]) => [status.toString(16), count])
    ),
    objectBytes: report.services.reduce((sum, { objectBytes }) => sum + objectBytes, 0)
  }));
  const theirs = oracle.map((one) => ({
    pair: key(one),
    requests: Object.entries(one.commands)
      .filter(([command]) => (Number.parseInt(command, 16) & 0x8000) === 0)
      .reduce((sum, [, count]) => sum + count, 0),
    statuses: one.statuses,
    bytes: one.datasetBytes
  }));
  expect(ours.map(({ pair, requests }) => `${pair} ${requests}`).toSorted()).toEqual(
    theirs.map(({ pair, requests }) => `${pair} ${requests}`).toSorted()
  );
  // A C-GET's object responses are not statuses of the C-GET; everything else is told status by status.
  for (const one of ours) {
    const same = theirs.filter(({ pair, requests }) => pair === one.pair && requests === one.requests);
    expect(same.length, one.pair).toBeGreaterThan(0);
    if (one.pair !== 'WS>ARCHIVE') expect(same.map(({ statuses }) => statuses)).toContainEqual(one.statuses);
  }
  const stored = (pair: string) => Math.max(...ours.filter((one) => one.pair === pair).map(({ objectBytes }) => objectBytes)); // prettier-ignore
  for (const pair of ['CT1>ARCHIVE', 'MR1>ARCHIVE', 'ARCHIVE>DEST'])
    expect(stored(pair), pair).toBe(
      Math.max(...theirs.filter((one) => one.pair === pair).map(({ bytes }) => bytes))
    );
});

test('npx vigie sensor prints the same from the file, and its counts', async () => {
  const run = promisify(execFile);
  const args = ['tools/vigie.mjs', 'sensor', '--read', file, '--ports', ports.join(','), '--print'];
  const { stdout, stderr } = await run(process.execPath, args);
  const records = stdout.trim().split('\n');
  expect(records).toHaveLength(reports.flatMap(factsOf).length);
  const counts = JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as Record<string, number>;
  expect(counts).toMatchObject({ associations: 12, records: 12, connections_midstream: 0, gap_bytes: 0 });
  expect(statSync(file).size).toBeGreaterThan(counts['dataset_bytes'] ?? 0);
});

test('npx vigie sensor on an interface tells what it hears, while it hears it, and ends in order', async () => {
  const archive = servers[1]!;
  const args = [
    'collector/src/sensor/main.ts',
    '--interface',
    'lo',
    '--ports',
    String(archive.port),
    '--print'
  ];
  const sensor = spawn(process.execPath, args);
  let [records, said] = ['', ''];
  sensor.stdout.setEncoding('utf8').on('data', (text: string) => (records += text));
  sensor.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  // tcpdump needs a moment to listen: an echo is asked again until one is heard.
  await eventually(async () => {
    await dcmtk('echoscu', '-aet', 'LIVE', '-aec', 'ARCHIVE', '127.0.0.1', String(archive.port));
    return records.includes('"C-ECHO"');
  });
  const gone = once(sensor, 'exit');
  sensor.kill('SIGTERM');
  expect(await gone).toEqual([0, null]);
  expect(JSON.parse(records.split('\n')[0] ?? '')).toMatchObject({ calling_ae: 'LIVE', status: 'success' });
  expect(JSON.parse(said.trim().split('\n').at(-1) ?? '')).toMatchObject({ dropped_by_capture: 0 });
});

test('an interface that is not there is said', async () => {
  const sensor = spawn(process.execPath, [
    'collector/src/sensor/main.ts',
    '--interface',
    'nowhere0',
    '--print'
  ]);
  let said = '';
  sensor.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(sensor, 'close')) as [number];
  expect([code, said]).toEqual([3, expect.stringContaining('tcpdump ended (1): ')]);
});
