import { createServer } from 'node:tls';
import { FrameBudget, readSyslogConnection, type SyslogDependencies } from './syslog-connection.ts';
import { frameBudgetBytes, listen, type Receiver } from './syslog-tcp.ts';
import { createTlsGuard, type TlsObserver, type TlsSettings } from './tls-guard.ts';

export interface TlsDependencies extends SyslogDependencies {
  readonly observeTls: TlsObserver;
}

/**
 * Listens for syslog over TLS (RFC 5425).
 * @throws {Error} when the files do not fit, or the port is in use
 */
export async function listenSyslogTls(
  address: { host: string; port: number },
  tls: TlsSettings,
  dependencies: TlsDependencies
): Promise<Receiver> {
  const { observe, observeTls } = dependencies;
  const budget = new FrameBudget(frameBudgetBytes);
  const guard = await createTlsGuard(tls, observeTls);
  const server = createServer(guard.options, (socket) => {
    const source = guard.admit(socket);
    if (source !== undefined) readSyslogConnection(socket, 'tls', budget, dependencies, source);
  });
  server.maxConnections = dependencies.maxConnections;
  server.on('drop', (data) => observe.refused('tls', 'too-many-connections', data?.remoteAddress ?? ''));
  const receiver = await listen(server, address);
  const rotation = guard.follow(server);
  return {
    port: receiver.port,
    close() {
      rotation.stop();
      return receiver.close();
    }
  };
}
