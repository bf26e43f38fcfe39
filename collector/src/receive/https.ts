import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Receiver } from './syslog-tcp.ts';
import { createTlsGuard, type TlsObserver, type TlsSettings } from './tls-guard.ts';

/**
 * Serves the HTTP inputs over TLS too. A certificate opens the connection; who sends is told by the API key all the same.
 * @throws {Error} when the files do not fit, or the port is in use
 */
export async function listenHttps(
  address: { readonly host: string; readonly port: number },
  tls: TlsSettings,
  parts: {
    readonly listener: RequestListener;
    readonly maxConnections: number;
    readonly observeTls: TlsObserver;
  }
): Promise<Receiver> {
  const guard = await createTlsGuard(tls, parts.observeTls);
  const server = createServer(guard.options, parts.listener);
  server.prependListener('secureConnection', (socket: TLSSocket) => void guard.admit(socket));
  server.maxConnections = parts.maxConnections;
  server.listen(address.port, address.host);
  await once(server, 'listening');
  const rotation = guard.follow(server);
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      rotation.stop();
      const closed = once(server, 'close');
      server.close();
      setTimeout(() => server.closeAllConnections(), 1000).unref();
      await closed;
    }
  };
}
