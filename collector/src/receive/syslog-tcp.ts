import { createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { FrameBudget, readSyslogConnection, type SyslogDependencies } from './syslog-connection.ts';

export interface Receiver {
  readonly port: number;
  /** Stops accepting, ends the connections, and resolves once they are closed. */
  close(): Promise<void>;
}

/** Unfinished frames of all connections together, bytes. */
export const frameBudgetBytes = 256_000_000;

/** Listens for syslog over TCP (RFC 6587). @throws when the port is in use */
export async function listenSyslogTcp(
  address: { host: string; port: number },
  dependencies: SyslogDependencies
): Promise<Receiver> {
  const budget = new FrameBudget(frameBudgetBytes);
  const server = createServer((socket) => readSyslogConnection(socket, 'tcp', budget, dependencies));
  server.maxConnections = dependencies.maxConnections;
  server.on('drop', (data) =>
    dependencies.observe.refused('tcp', 'too-many-connections', data?.remoteAddress ?? '')
  );
  return listen(server, address);
}

/** Listens, and closes with its connections. */
export async function listen(server: Server, address: { host: string; port: number }): Promise<Receiver> {
  const sockets = new Set<{ destroy(): void; end(): void }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(address.port, address.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.end();
      setTimeout(() => sockets.forEach((socket) => socket.destroy()), 1000).unref();
      await closed;
    }
  };
}
