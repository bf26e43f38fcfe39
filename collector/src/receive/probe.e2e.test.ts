import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { check } from './probe-check.ts';

const folder = mkdtempSync(join(tmpdir(), 'vigie-echo-'));
const never = new AbortController().signal;
const servers: { readonly child: ChildProcess; readonly name: string; readonly port: number }[] = [];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function started(name: string, port: number, ...args: string[]): Promise<void> {
  const child = spawn(name, args, { stdio: 'ignore' });
  servers.push({ child, name, port });
  await vi.waitFor(
    async () => {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.destroy();
    },
    { timeout: 10_000, interval: 50 }
  );
}

const portOf = (name: string) => servers.find((server) => server.name === name)?.port ?? 0;
const echo = (port: number, calledAe = 'PACS') =>
  check(
    {
      kind: 'c-echo',
      id: 'x',
      system: 'pacs',
      host: '127.0.0.1',
      port,
      called_ae: calledAe,
      calling_ae: 'VIGIE',
      every_seconds: 60,
      timeout_seconds: 5
    },
    never
  );

beforeAll(async () => {
  const port = await freePort();
  mkdirSync(join(folder, 'db'));
  const configuration = `NetworkTCPPort = ${port}
MaxPDUSize = 16384
MaxAssociations = 16
HostTable BEGIN
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
PACS ${join(folder, 'db')} RW (500, 4096mb) ANY
AETable END
`;
  writeFileSync(join(folder, 'dcmqrscp.cfg'), configuration);
  await started('dcmqrscp', port, '-c', join(folder, 'dcmqrscp.cfg'));
  const second = await freePort();
  await started('storescp', second, '-od', folder, String(second));
});
afterAll(async () => {
  for (const { child } of servers) {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }
  rmSync(folder, { recursive: true, force: true });
});

test.each(['dcmqrscp', 'storescp'])('%s answers a C-ECHO', async (name) => {
  const result = await echo(portOf(name));
  expect(result).toMatchObject({ success: true, detail: 'ok' });
  expect(result.latencyMs).toBeGreaterThanOrEqual(0);
});

test('an unknown called AE title is told as rejected', async () => {
  expect(await echo(portOf('dcmqrscp'), 'NOBODY')).toMatchObject({ success: false, detail: 'rejected' });
});

test('a hundred checks in a row leave no association open', async () => {
  for (let i = 0; i < 100; i++) expect((await echo(portOf('dcmqrscp'))).detail).toBe('ok');
});
