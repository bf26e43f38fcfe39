import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { OrthancDocument } from '../decode/pull/orthanc.ts';
import { decodeBatch } from '../spool/record.ts';
import { Spool } from '../spool/spool.ts';
import { startOrthancPull, type OrthancPull } from './orthanc.ts';

const sent = {
  ID: 'job-1',
  Type: 'DicomModalityStore',
  State: 'Success',
  ErrorCode: 0,
  CreationTime: '20261124T080000.000000',
  CompletionTime: '20261124T080002.000000',
  EffectiveRuntime: 2,
  Content: { LocalAet: 'PACS', RemoteAet: 'WS', InstancesCount: 3, FailedInstancesCount: 0 }
};
/** As Orthanc's DICOMweb plugin tells its STOW-RS client: its counts are text. */
const ofPlugin = { ...sent, ID: 'job-2', Type: 'DicomWebStowClient', Content: { InstancesCount: '12' } };

test('a job of a plugin stops neither what was sent nor the state of the pool; one that is not readable stops itself alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-orthanc-jobs-'));
  let jobs: unknown = [ofPlugin, sent];
  const answers: Record<string, () => unknown> = {
    '/changes': () => ({ Changes: [], Done: true, Last: 0 }),
    '/jobs': () => jobs,
    '/tools/metrics-prometheus': () => 'orthanc_jobs_pending 2 1795492313138\n',
    '/statistics': () => ({ CountInstances: 3, CountStudies: 1, TotalDiskSize: '3000' })
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://orthanc');
    const answer = answers[pathname]?.();
    response
      .setHeader('content-type', 'application/json')
      .end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const pull: OrthancPull = {
    kind: 'orthanc', id: 'one', system: 'pacs', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    every_seconds: 1, pool: 'ON-1', tier: 'online'
  }; // prettier-ignore
  const failures: string[] = [];
  const observe = { pulled: () => {}, failed: (_: string, code: string) => failures.push(code) };
  const read = async (until: (kinds: string[]) => void) => {
    const home = mkdtempSync(join(folder, 'spool-'));
    const spool = new Spool(home, { maxBytes: 50_000_000, reserveBytes: 0 }, new SharedArrayBuffer(24), () => {}); // prettier-ignore
    const pulling = startOrthancPull(pull, { spool, observe });
    const kinds = () =>
      [...spool.environment.batches.ops.getRange()]
        .flatMap(({ value }) => decodeBatch(value))
        .map(({ raw }) => OrthancDocument.parse(JSON.parse(raw.toString())).kind);
    try {
      await vi.waitFor(() => until(kinds()), { timeout: 15_000 });
    } finally {
      await pulling.stop();
      await spool.close();
    }
  };
  try {
    await read((kinds) => expect(kinds.toSorted()).toEqual(['gauges', 'sent', 'statistics']));
    expect(failures).toEqual([]);
    jobs = [{ ...sent, Content: { InstancesCount: 'three' } }];
    await read((kinds) => {
      expect(kinds).toEqual(['statistics']);
      expect(failures).toContain('not-readable');
    });
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
