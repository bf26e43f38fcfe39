import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type TLSSocket } from 'node:tls';
import type { ForwardTarget } from '@vigie/schemas';
import { unacknowledged } from './kernel-queue.ts';
import { syslogFrame } from './message.ts';
import type { Piece } from './pieces.ts';
import { ForwardError, type Sent, type Target } from './target.ts';

const connectMs = 15_000;
/** A target that acknowledges nothing for this long is taken for dead. */
const patienceMs = 30_000;
/** How long a connection must stay whole after its last byte was acknowledged: a receiver that died is known by then. */
const settleMs = 250;
/** The same where the kernel does not tell what was acknowledged. */
const blindSettleMs = 5000;

/**
 * Syslog over TLS (RFC 5425). The protocol acknowledges nothing, so a piece counts as sent once the other side's kernel has
 * acknowledged all of its bytes and the connection stayed whole for a moment; any doubt sends the piece again, whole.
 */
export class SyslogTarget implements Target {
  readonly #to: Extract<ForwardTarget, { kind: 'syslog-tls' }>;
  #socket: TLSSocket | undefined;

  constructor(to: Extract<ForwardTarget, { kind: 'syslog-tls' }>) {
    this.#to = to;
  }

  async send(piece: Piece): Promise<Sent> {
    const socket = await this.#connected();
    try {
      const refused: Sent['refused'][number][] = [];
      for (const [at, reception] of piece.receptions.entries()) {
        const frame = syslogFrame(reception);
        if (frame === null) refused.push({ seq: piece.seqs[at] ?? 0, reason: 'no-document' });
        else if (!socket.write(frame)) await within(once(socket, 'drain'), socket);
      }
      await this.#settled(socket);
      return { refused };
    } catch (error) {
      this.close();
      throw asForwardError(error);
    }
  }

  async #connected(): Promise<TLSSocket> {
    if (this.#socket && !this.#socket.destroyed && this.#socket.writable) return this.#socket;
    this.close();
    const { host, port, server_name: name, ca, certificate, key } = this.#to;
    try {
      const [authorities, cert, secret] = await Promise.all(
        [ca, certificate, key].map((file) => (file === undefined ? undefined : readFile(file)))
      );
      const socket = connect({
        host,
        port,
        minVersion: 'TLSv1.2',
        ...(name !== undefined && { servername: name }),
        ...(authorities && { ca: authorities }),
        ...(cert && secret && { cert, key: secret })
      });
      socket.on('error', () => undefined);
      socket.setKeepAlive(true, 60_000);
      socket.setNoDelay(true);
      // Nothing is expected back; reading is what tells that the other side closed.
      socket.resume();
      await within(once(socket, 'secureConnect'), socket, connectMs);
      this.#socket = socket;
      return socket;
    } catch (error) {
      throw asForwardError(error);
    }
  }

  async #settled(socket: TLSSocket): Promise<void> {
    const { localPort = 0, remotePort = 0 } = socket;
    const until = Date.now() + patienceMs;
    for (;;) {
      const open = socket.writableLength > 0 ? 1 : await unacknowledged(localPort, remotePort);
      if (open === undefined || open === 0) {
        await rest(open === undefined ? blindSettleMs : settleMs, socket);
        return;
      }
      if (Date.now() > until)
        throw new ForwardError('no-acknowledgement', 'the target reads nothing: look at it');
      await rest(10, socket);
    }
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }
}

/** Waits, unless the connection ends first. */
const rest = (ms: number, socket: TLSSocket) =>
  within(new Promise((resolve) => setTimeout(resolve, ms)), socket, ms + patienceMs);

/** Waits for something on a connection. @throws when the connection ends, or takes too long */
async function within(wanted: Promise<unknown>, socket: TLSSocket, ms = patienceMs): Promise<void> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ms);
  const ended = Promise.race([
    once(socket, 'close', { signal: stop.signal }),
    once(socket, 'end', { signal: stop.signal })
  ]).then(
    () => {
      throw socket.errored ?? new ForwardError('closed', 'the target closed the connection: look at its log');
    },
    (error: unknown) => {
      if (stop.signal.aborted && !done)
        throw new ForwardError('too-slow', 'the target does not answer: look at it');
      throw error;
    }
  );
  let done = false;
  ended.catch(() => undefined);
  try {
    if (socket.destroyed || socket.readableEnded)
      throw socket.errored ?? new ForwardError('closed', 'the target closed the connection: look at its log');
    await Promise.race([wanted, ended]);
  } finally {
    done = true;
    clearTimeout(timer);
    stop.abort();
  }
}

function asForwardError(error: unknown): ForwardError {
  if (error instanceof ForwardError) return error;
  const { code = 'failed' } = error as NodeJS.ErrnoException;
  const certificate = /CERT|ALTNAME|SSL|TLS/.test(code);
  return new ForwardError(
    code,
    certificate
      ? 'the certificates do not fit: compare ca, server_name, certificate and key of this target with its own'
      : 'the target cannot be reached: check host, port and network'
  );
}
