import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';

/** Messages sent and not yet acknowledged. */
const windowSize = 200;

/** HL7 v2 over MLLP, pipelined: acknowledgements come in order, and every one must be AA. */
export class MllpSender {
  readonly #address: { readonly host: string; readonly port: number };
  #socket: Socket | undefined;
  #rest = '';
  #waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];

  constructor(address: { readonly host: string; readonly port: number }) {
    this.#address = address;
  }

  async #connected(): Promise<Socket> {
    if (this.#socket && !this.#socket.destroyed) return this.#socket;
    const socket = createConnection(this.#address);
    await once(socket, 'connect');
    this.#rest = '';
    socket.setNoDelay(true);
    socket.setEncoding('utf8').on('data', (chunk: string) => this.#take(chunk));
    const gone = () =>
      this.#waiting
        .splice(0)
        .forEach(({ reject }) => reject(new Error('the HL7 receiver closed the connection')));
    socket.on('error', gone).on('close', gone);
    this.#socket = socket;
    return socket;
  }

  #take(chunk: string): void {
    this.#rest += chunk;
    for (let end = this.#rest.indexOf('\x1c\r'); end >= 0; end = this.#rest.indexOf('\x1c\r')) {
      const acknowledgement = this.#rest.slice(0, end);
      this.#rest = this.#rest.slice(end + 2);
      const code = /\rMSA\|(\w\w)/.exec(acknowledgement)?.[1];
      const waiting = this.#waiting.shift();
      if (code === 'AA') waiting?.resolve();
      else waiting?.reject(new Error(`an HL7 message was answered ${code ?? 'without MSA'}`));
    }
  }

  /** Resolves once every message is acknowledged. */
  async send(messages: readonly string[]): Promise<void> {
    const socket = await this.#connected();
    for (let i = 0; i < messages.length; i += windowSize) {
      const part = messages.slice(i, i + windowSize);
      const acknowledged = part.map(
        () => new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }))
      );
      socket.write(part.map((message) => `\x0b${message}\x1c\r`).join(''));
      await Promise.all(acknowledged);
    }
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    if (!socket || socket.destroyed) return;
    socket.end();
    await once(socket, 'close');
  }
}
