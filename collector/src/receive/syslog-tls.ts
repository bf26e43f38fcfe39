import { createServer, type TLSSocket } from 'node:tls';
import { FrameBudget, readSyslogConnection, type SyslogDependencies } from './syslog-connection.ts';
import { frameBudgetBytes, listen, type Receiver } from './syslog-tcp.ts';

export interface TlsFiles {
  readonly certificate: Buffer;
  readonly key: Buffer;
  /** When given, a client certificate signed by it is required. */
  readonly clientCa: Buffer | undefined;
}

/**
 * Listens for syslog over TLS 1.2 and 1.3 (RFC 5425). With a client CA the certificate is checked here rather than by the
 * library, which would only show a reset connection: the refusal names why, and is counted.
 */
export async function listenSyslogTls(
  address: { host: string; port: number },
  files: TlsFiles,
  dependencies: SyslogDependencies
): Promise<Receiver> {
  const { observe } = dependencies;
  const budget = new FrameBudget(frameBudgetBytes);
  const server = createServer(
    {
      cert: files.certificate,
      key: files.key,
      minVersion: 'TLSv1.2',
      requestCert: files.clientCa !== undefined,
      rejectUnauthorized: false,
      ...(files.clientCa && { ca: files.clientCa }),
      handshakeTimeout: 15_000
    },
    (socket: TLSSocket) => {
      if (files.clientCa !== undefined && !socket.authorized) {
        observe.refused(
          'tls',
          `certificate: ${String(socket.authorizationError)}`,
          socket.remoteAddress ?? ''
        );
        socket.on('error', () => undefined);
        return void socket.destroy();
      }
      readSyslogConnection(socket, 'tls', budget, dependencies);
    }
  );
  server.maxConnections = dependencies.maxConnections;
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) =>
    observe.refused('tls', `handshake: ${error.code ?? 'failed'}`, socket.remoteAddress ?? '')
  );
  return listen(server, address);
}
