import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { checkPort, freePort } from './ports.ts';

test('a busy port is told with the flag that chooses another, for TCP and for UDP', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await Promise.all([once(server, 'listening'), once(socket, 'listening')]);
  const tcp = (server.address() as AddressInfo).port;
  const udp = socket.address().port;
  const mend = 'is in use: stop what uses it, or choose another with --syslog-port.';
  await expect(checkPort(tcp, '127.0.0.1', 'syslog-port')).rejects.toThrow(`Port ${tcp} ${mend}`);
  await expect(checkPort(udp, '127.0.0.1', 'syslog-port', 'udp')).rejects.toThrow(`UDP port ${udp} ${mend}`);
  server.close();
  socket.close();
});

test('a free port passes, and an address that is not of this machine does not', async () => {
  const port = await freePort();
  await checkPort(port, '127.0.0.1', 'mllp-port');
  await checkPort(port, '127.0.0.1', 'mllp-port', 'udp');
  await expect(checkPort(port, '192.0.2.1', 'mllp-port')).rejects.toThrow('check --host and --mllp-port.');
});

test('a port spoken for is not given, though nothing listens on it yet', async () => {
  // Linux gives odd ports to who binds, so one odd port of two is left free.
  const taken = new Set(Array.from({ length: 16_384 }, (_, i) => 4 * i + 1));
  for (let i = 0; i < 20; i++) expect((await freePort(taken)) % 4).not.toBe(1);
});
