import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { octetFrame } from '../write/syslog.ts';

/** A stream of syslog messages: over TLS when the receiver has it, else TCP. Waits while the receiver pushes back. */
export class SyslogSender {
  #socket: Socket | undefined;
  readonly #address: { readonly host: string; readonly port: number; readonly tls: boolean };

  constructor(address: { readonly host: string; readonly port: number; readonly tls: boolean }) {
    this.#address = address;
  }

  async #connected(): Promise<Socket> {
    if (this.#socket && !this.#socket.destroyed) return this.#socket;
    const { host, port, tls } = this.#address;
    // The receiver's certificate is made at its first start, on this machine: there is no authority to hold it against.
    const socket = tls
      ? connectTls({ host, port, rejectUnauthorized: false })
      : createConnection({ host, port });
    await once(socket, tls ? 'secureConnect' : 'connect');
    socket.on('error', () => socket.destroy());
    this.#socket = socket;
    return socket;
  }

  async send(messages: readonly string[]): Promise<void> {
    const socket = await this.#connected();
    if (!socket.write(Buffer.concat(messages.map(octetFrame)))) await drained(socket);
    if (socket.destroyed) throw new Error('the syslog receiver closed the connection');
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    if (!socket || socket.destroyed) return;
    socket.end();
    await once(socket, 'close');
  }
}

/** Resolves when the socket takes more, or is gone; leaves no listener behind. */
async function drained(socket: Socket): Promise<void> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    await Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })]);
  } finally {
    settled.abort();
  }
}
