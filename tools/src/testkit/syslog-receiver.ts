import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import type { TestCertificate } from './certificates.ts';

/** Another repository: takes octet-counted frames over TLS, and asks for a client certificate. */
export interface SyslogReceiver {
  readonly port: number;
  /** Whole messages, in the order they came. */
  readonly messages: Buffer[];
  /** Ends every connection at once, as a receiver that crashes does: what was not read is gone. */
  crash(): void;
  stop(): Promise<void>;
}

/** @param options.crashAfter ends every connection, once, when that many messages came */
export async function startSyslogReceiver(options: {
  readonly server: TestCertificate;
  readonly authority: TestCertificate;
  readonly port?: number;
  readonly crashAfter?: number;
}): Promise<SyslogReceiver> {
  const messages: Buffer[] = [];
  const sockets = new Set<TLSSocket>();
  const crash = () => {
    for (const socket of sockets) socket.destroy();
  };
  let crashAt = options.crashAfter ?? Infinity;
  const server = createServer(
    {
      cert: readFileSync(options.server.certificate),
      key: readFileSync(options.server.key),
      ca: readFileSync(options.authority.certificate),
      requestCert: true,
      rejectUnauthorized: true
    },
    (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => undefined);
      let held: Buffer = Buffer.alloc(0);
      socket.on('data', (chunk) => {
        held = Buffer.concat([held, chunk]);
        for (;;) {
          const space = held.indexOf(0x20);
          const length = Number(held.toString('latin1', 0, Math.max(0, space)));
          if (space < 1 || held.length < space + 1 + length) return;
          messages.push(Buffer.from(held.subarray(space + 1, space + 1 + length)));
          held = held.subarray(space + 1 + length);
          if (messages.length < crashAt) continue;
          crashAt = Infinity;
          return crash();
        }
      });
    }
  );
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    messages,
    crash,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      crash();
      await closed;
    }
  };
}
