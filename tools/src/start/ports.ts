import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { StartError } from './start-error.ts';

/**
 * A port of the loopback address that nothing listens on now.
 * @param taken ports spoken for that nothing listens on yet; the system may well offer one of them
 */
export async function freePort(taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let tries = 0; tries < 1000; tries++) {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    if (!taken.has(port)) return port;
  }
  throw new StartError('No free port was found on 127.0.0.1: give the ports by number.');
}

/** Checks that a port can be had, before anything is started. @throws {StartError} naming the flag */
export async function checkPort(
  port: number,
  host: string,
  flag: string,
  protocol: 'tcp' | 'udp' = 'tcp'
): Promise<void> {
  try {
    await (protocol === 'tcp' ? tryTcp(port, host) : tryUdp(port, host));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const told = protocol === 'udp' ? `UDP port ${port}` : `Port ${port}`;
    if (code === 'EADDRINUSE')
      throw new StartError(`${told} is in use: stop what uses it, or choose another with --${flag}.`);
    if (code === 'EACCES')
      throw new StartError(`${told} may not be opened by this user: choose one above 1023 with --${flag}.`);
    throw new StartError(
      `${told} on ${host} cannot be opened (${code ?? String(error)}): check --host and --${flag}.`
    );
  }
}

async function tryTcp(port: number, host: string): Promise<void> {
  const server = createServer();
  server.listen(port, host);
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}

async function tryUdp(port: number, host: string): Promise<void> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  try {
    socket.bind(port, host);
    await once(socket, 'listening');
  } finally {
    socket.close();
  }
}
