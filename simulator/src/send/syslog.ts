import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { octetFrame } from '../write/syslog.ts';
import { AwayError, reasonOf } from './away-error.ts';

export interface SyslogAddress {
  readonly host: string;
  readonly port: number;
  /** PEM of the one certificate the receiver may show; without it the connection is plain TCP. */
  readonly certificate: string | undefined;
}

/** A stream of octet-counted syslog messages over TLS or TCP. Waits while the receiver pushes back; syslog has no acknowledgement. */
export class SyslogSender {
  readonly #address: SyslogAddress;
  #socket: Socket | undefined;

  constructor(address: SyslogAddress) {
    this.#address = address;
  }

  /** Resolves once the messages are handed to the network. @throws {AwayError} when the connection is gone */
  async send(messages: readonly string[]): Promise<void> {
    const socket = await this.#connected();
    const taken = socket.write(messages.map(octetFrame).join(''));
    if (!taken) await drained(socket);
    if (socket.destroyed) throw new AwayError('the syslog receiver closed the connection');
  }

  /** Resolves once everything has left. */
  async close(): Promise<void> {
    const socket = this.#socket;
    if (!socket || socket.destroyed) return;
    const closed = once(socket, 'close');
    // Whatever the receiver might say is read, or its end would never be seen.
    socket.resume().end();
    await closed;
  }

  async #connected(): Promise<Socket> {
    if (this.#socket && !this.#socket.destroyed) return this.#socket;
    try {
      this.#socket = await connected(this.#address);
    } catch (error) {
      throw new AwayError(`syslog receiver: ${reasonOf(error)}`, { cause: error });
    }
    this.#socket.on('error', () => this.#socket?.destroy());
    return this.#socket;
  }
}

async function connected({ host, port, certificate }: SyslogAddress): Promise<Socket> {
  if (certificate === undefined) {
    const socket = createConnection({ host, port, noDelay: true });
    await once(socket, 'connect');
    return socket;
  }
  // The certificate itself is compared, not its names and issuer: it is made on this machine at the first start.
  const socket = connectTls({ host, port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  if (!socket.getPeerX509Certificate()?.raw.equals(new X509Certificate(certificate).raw)) {
    socket.destroy();
    throw new Error('it shows another certificate than the one configured');
  }
  return socket;
}

/** Until the socket takes more, or is gone. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
    if (socket.destroyed) done();
  });
}
