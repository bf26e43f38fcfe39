import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { OrthancDocument } from '../decode/pull/orthanc.ts';
import { decodeBatch } from '../spool/record.ts';
import { Spool } from '../spool/spool.ts';
import { startOrthancPull, type OrthancPull } from './orthanc.ts';
import type { Schedule } from './schedule.ts';

/*
 * An Orthanc with a million changes: answers of Orthanc 1.10.1 as they were recorded (shared/peers), made by number. A series is 198
 * instances, then its NewSeries and NewStudy.
 */
const changes = 1_000_000;
const perSeries = 200;
const images = perSeries - 2;
const instances = (changes / perSeries) * images;
const bytes = 131_896;
const folder = mkdtempSync(join(tmpdir(), 'vigie-million-'));
const hex = (n: number) => n.toString(16).padStart(8, '0');
const date = (seq: number) =>
  new Date(Date.UTC(2026, 10, 1) + seq * 1000).toISOString().replaceAll(/[-:]|\.\d+Z$/g, '');

function change(seq: number) {
  const place = (seq - 1) % perSeries;
  const series = Math.floor((seq - 1) / perSeries);
  const [type, id] = place < images ? ['NewInstance', `i-${hex(seq)}`] : place === images ? ['NewSeries', `s-${hex(series)}`] : ['NewStudy', `t-${hex(series)}`]; // prettier-ignore
  return { ChangeType: type, Date: date(seq), ID: id, Path: '', ResourceType: '', Seq: seq };
}

let asked = 0;
function answer(path: string, query: URLSearchParams): unknown {
  asked++;
  const [, kind, id = '', what] = path.split('/');
  const number = Number.parseInt(id.slice(2), 16);
  if (kind === 'changes') {
    if (query.has('last')) return { Changes: [change(changes)], Done: true, Last: changes };
    const [since, limit] = [Number(query.get('since')), Number(query.get('limit'))];
    const last = Math.min(changes, since + limit);
    return { Changes: Array.from({ length: last - since }, (_, i) => change(since + 1 + i)), Done: last === changes, Last: last }; // prettier-ignore
  }
  if (kind === 'statistics') return { CountInstances: instances, CountStudies: changes / perSeries, TotalDiskSize: String(instances * bytes) }; // prettier-ignore
  if (kind === 'jobs') return [];
  if (kind === 'instances' && what === 'metadata')
    return { CalledAET: 'PACS1', IndexInSeries: '1', Origin: 'DicomProtocol', ReceptionDate: date(number), RemoteAET: 'CT1_NORD', RemoteIP: '127.0.0.1', SopClassUid: '1.2.840.10008.5.1.4.1.1.2' }; // prettier-ignore
  const instance = (seq: number) => ({ FileSize: bytes, FileUuid: 'x', ID: `i-${hex(seq)}`, IndexInSeries: 1, MainDicomTags: {}, ParentSeries: `s-${hex(Math.floor((seq - 1) / perSeries))}`, Type: 'Instance' }); // prettier-ignore
  if (kind === 'instances') return instance(number);
  if (kind === 'series' && what === 'instances')
    return Array.from({ length: images }, (_, i) => instance(number * perSeries + 1 + i));
  if (kind === 'series')
    return { ParentStudy: `t-${hex(number)}`, MainDicomTags: { Modality: 'CT', StationName: 'CT1' } };
  return { MainDicomTags: { StudyInstanceUID: `2.25.97${number}`, InstitutionName: 'CHU Nord' } };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
/** Bytes that are held, whenever the engine would have cleared away the rest. */
function heldHeap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

let server: Server;
let spool: Spool;
beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://orthanc');
    response
      .setHeader('content-type', 'application/json')
      .end(
        pathname.startsWith('/tools/')
          ? 'orthanc_jobs_pending 0\n'
          : JSON.stringify(answer(pathname, searchParams))
      );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  spool = new Spool(join(folder, 'spool'), { maxBytes: 500_000_000, reserveBytes: 0 }, new SharedArrayBuffer(24), () => {}); // prettier-ignore
});
afterAll(async () => {
  await spool.close();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a million changes are caught up in bounded memory, telling how far, through a restart in the middle', async () => {
  const pull: OrthancPull = {
    kind: 'orthanc', id: 'big', system: 'pacs', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    every_seconds: 1, pool: 'ON-1', tier: 'online'
  }; // prettier-ignore
  const seen: number[] = [];
  const failures: string[] = [];
  let heap = 0;
  const before = heldHeap();
  const observe = {
    pulled: () => (heap = Math.max(heap, heldHeap() - before)),
    failed: (_: string, code: string) => failures.push(code),
    progress: (_: string, done: number, of: number) => {
      expect(of).toBe(changes);
      seen.push(done);
    }
  };
  let pulling: Schedule = startOrthancPull(pull, { spool, observe });
  await vi.waitFor(() => expect(seen.at(-1)).toBeGreaterThan(400_000), { timeout: 400_000, interval: 50 });
  await pulling.stop();
  const stoppedAt = seen.length;
  pulling = startOrthancPull(pull, { spool, observe });
  await vi.waitFor(() => expect(seen.at(-1)).toBe(changes), { timeout: 400_000, interval: 50 });
  await pulling.stop();
  let [told, volume, last] = [0, 0, 0];
  for (const { value } of spool.environment.batches.ops.getRange())
    for (const { raw } of decodeBatch(value)) {
      const document = OrthancDocument.parse(JSON.parse(raw.toString()));
      if (document.kind !== 'received') continue;
      told += document.instances;
      volume += document.bytes;
      expect(document.first_change).toBeGreaterThan(last);
      last = document.last_change;
    }
  expect([told, volume]).toEqual([instances, instances * bytes]);
  expect(failures).toEqual([]);
  expect(seen.toSorted((a, b) => a - b)).toEqual(seen);
  expect(seen[stoppedAt]).toBeGreaterThan(0);
  expect(asked).toBeLessThan(60_000);
  expect(heap).toBeLessThan(200_000_000);
}, 900_000);
