import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { AwayError, reasonOf, RefusedError } from './away-error.ts';

/** Messages sent and not yet acknowledged. */
const windowSize = 200;
const patienceMs = 60_000;

interface Waiting {
  readonly sentAt: number;
  readonly resolve: (latencyMs: number) => void;
  readonly reject: (error: Error) => void;
}

/** HL7 v2 over MLLP, pipelined: acknowledgements come in order, and every one must be AA. */
export class MllpSender {
  readonly #address: { readonly host: string; readonly port: number };
  #socket: Socket | undefined;
  #rest = '';
  #waiting: Waiting[] = [];

  constructor(address: { readonly host: string; readonly port: number }) {
    this.#address = address;
  }

  /** Resolves once every message is acknowledged. @returns the time to each acknowledgement, ms. @throws {AwayError | RefusedError} */
  async send(messages: readonly string[]): Promise<number[]> {
    const latencies: number[] = [];
    for (let i = 0; i < messages.length; i += windowSize) {
      const socket = await this.#connected();
      const part = messages.slice(i, i + windowSize);
      const sentAt = performance.now();
      const acknowledged = part.map(
        () => new Promise<number>((resolve, reject) => this.#waiting.push({ sentAt, resolve, reject }))
      );
      socket.write(part.map((message) => `\x0b${message}\x1c\r`).join(''));
      latencies.push(...(await Promise.all(acknowledged)));
    }
    return latencies;
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    if (!socket || socket.destroyed) return;
    const closed = once(socket, 'close');
    socket.end();
    await closed;
  }

  async #connected(): Promise<Socket> {
    if (this.#socket && !this.#socket.destroyed) return this.#socket;
    const socket = createConnection(this.#address);
    try {
      await once(socket, 'connect');
    } catch (error) {
      throw new AwayError(`HL7 receiver: ${reasonOf(error)}`, { cause: error });
    }
    this.#rest = '';
    socket.setNoDelay(true).setEncoding('utf8');
    socket.setTimeout(patienceMs, () => {
      if (this.#waiting.length > 0) socket.destroy();
    });
    socket.on('data', (chunk: string) => this.#take(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const { reject } of this.#waiting.splice(0))
        reject(new AwayError('the HL7 receiver closed the connection'));
    });
    this.#socket = socket;
    return socket;
  }

  #take(chunk: string): void {
    this.#rest += chunk;
    for (let end = this.#rest.indexOf('\x1c\r'); end >= 0; end = this.#rest.indexOf('\x1c\r')) {
      const code = /\rMSA\|(\w\w)/.exec(this.#rest.slice(0, end))?.[1];
      this.#rest = this.#rest.slice(end + 2);
      const waiting = this.#waiting.shift();
      if (code === 'AA') waiting?.resolve(performance.now() - waiting.sentAt);
      else waiting?.reject(new RefusedError(`an HL7 message was answered ${code ?? 'without MSA'}`));
    }
  }
}
