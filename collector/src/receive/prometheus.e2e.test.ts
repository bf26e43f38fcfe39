import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { FilesystemDocument } from '../decode/pull/prometheus.ts';
import { decodeBatch } from '../spool/record.ts';
import { Spool } from '../spool/spool.ts';
import { startPrometheusPull } from './prometheus.ts';

const folder = mkdtempSync(join(tmpdir(), 'vigie-scrape-'));
let exporter: ChildProcess;
let port: number;

beforeAll(async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
  server.close();
  await once(server, 'close');
  const everything = '--collector.filesystem.mount-points-exclude=^$';
  const args = [
    `--web.listen-address=127.0.0.1:${port}`,
    everything,
    '--collector.filesystem.fs-types-exclude=^$'
  ];
  exporter = spawn('prometheus-node-exporter', args, { stdio: 'ignore' });
  await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${port}/`)).ok).toBe(true), {
    timeout: 10_000
  });
});
afterAll(async () => {
  const gone = once(exporter, 'exit');
  exporter.kill('SIGTERM');
  await gone;
  rmSync(folder, { recursive: true, force: true });
});

test('node_exporter tells size and free space of a mount point, and a pool it does not know is missing', async () => {
  const failures: string[] = [];
  const spool = new Spool(
    folder,
    { maxBytes: 1_000_000, reserveBytes: 0 },
    new SharedArrayBuffer(24),
    () => {}
  );
  const pulling = startPrometheusPull(
    {
      kind: 'prometheus',
      id: 'disks',
      system: 'vna',
      url: `http://127.0.0.1:${port}/metrics`,
      every_seconds: 1,
      filesystems: [
        { mountpoint: '/', pool: 'ROOT', tier: 'online' },
        { mountpoint: '/nowhere', pool: 'GONE', tier: 'archive' }
      ]
    },
    { spool, observe: { pulled: () => {}, failed: (_, code) => failures.push(code) } }
  );
  const documents = () =>
    [...spool.environment.batches.ops.getRange()]
      .flatMap(({ value }) => decodeBatch(value))
      .map(({ raw }) => FilesystemDocument.parse(JSON.parse(raw.toString())));
  await vi.waitFor(() => expect(documents().length).toBeGreaterThan(0), { timeout: 10_000 });
  await pulling.stop();
  const { blocks, bsize } = await statfs('/');
  expect(documents()[0]).toMatchObject({ system: 'vna', pool: 'ROOT', size_bytes: blocks * bsize });
  expect(documents().every(({ pool }) => pool === 'ROOT')).toBe(true);
  expect(failures).toContain('missing');
  await spool.close();
});
