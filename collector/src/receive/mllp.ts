import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Reception, Transport } from '../reception.ts';
import type { Place, Spool } from '../spool/spool.ts';
import { acknowledge } from './mllp-ack.ts';
import type { SourceLimits } from './source-limits.ts';
import type { Receiver } from './syslog-tcp.ts';
import { createTlsGuard, type TlsObserver, type TlsSettings } from './tls-guard.ts';
import { MllpSplitter, type MllpFrame } from './mllp-frames.ts';

/** Bytes of one connection that may wait for the disk before its socket is paused. */
const inFlightBytes = 4_000_000;
/** Unfinished frames of all connections together, bytes. */
const budgetBytes = 128_000_000;

export interface MllpDependencies {
  readonly spool: Pick<Spool, 'append' | 'room' | 'closed'>;
  /** Id of this collector: record ids become the control ids of acknowledgements. */
  readonly collector: string;
  readonly limits: SourceLimits;
  readonly maxConnections: number;
  /** Calls must not throw. */
  readonly observe: {
    received(transport: Transport, records: number, bytes: number): void;
    connection(transport: Transport, change: 1 | -1): void;
    refused(transport: Transport, reason: string, peer: string): void;
    limited(transport: Transport, sender: string): void;
  };
}

/**
 * Listens for HL7 v2 over MLLP. A message is answered AA once it lies on disk, whether or not it can be decoded:
 * Vigie is a copy and must not stall an interface engine. AR is for what is not kept whole (beyond the cap) and for
 * blocks without MSH; both go to quarantine. Answers come in the order of the messages, however many are pipelined.
 * @throws when the port is in use
 */
export function listenMllp(
  address: { readonly host: string; readonly port: number },
  dependencies: MllpDependencies
): Promise<Receiver> {
  const shared = { held: 0 };
  // A sender that closes its side still waits for its acknowledgements.
  const server = createServer({ allowHalfOpen: true }, (socket) =>
    readConnection(socket, shared, dependencies)
  );
  return serve(server, address, dependencies);
}

/**
 * The same over TLS. A certificate that is declared speaks for its system.
 * @throws {Error} when the files do not fit, or the port is in use
 */
export async function listenMllpTls(
  address: { readonly host: string; readonly port: number },
  tls: TlsSettings,
  dependencies: MllpDependencies & { readonly observeTls: TlsObserver }
): Promise<Receiver> {
  const shared = { held: 0 };
  const guard = await createTlsGuard(tls, dependencies.observeTls);
  const server = createTlsServer({ ...guard.options, allowHalfOpen: true }, (socket) => {
    const source = guard.admit(socket);
    if (source !== undefined) readConnection(socket, shared, dependencies, source);
  });
  const receiver = await serve(server, address, dependencies);
  const rotation = guard.follow(server);
  return {
    port: receiver.port,
    close() {
      rotation.stop();
      return receiver.close();
    }
  };
}

async function serve(
  server: Server,
  address: { readonly host: string; readonly port: number },
  dependencies: MllpDependencies
): Promise<Receiver> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.maxConnections = dependencies.maxConnections;
  server.on('drop', (data) =>
    dependencies.observe.refused('mllp', 'too-many-connections', data?.remoteAddress ?? '')
  );
  server.listen(address.port, address.host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.end();
      setTimeout(() => sockets.forEach((socket) => socket.destroy()), 1000).unref();
      await closed;
    }
  };
}

/** Reads one connection. An idle one is never closed; one that is paused has its sender waiting, nothing is dropped. */
function readConnection(
  socket: Socket,
  shared: { held: number },
  dependencies: MllpDependencies,
  source = ''
): void {
  const { observe } = dependencies;
  const peer = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const limit = dependencies.limits.of(source, peer);
  const splitter = new MllpSplitter(limit.maxMessageBytes);
  /** Set while the sender is beyond its rate. */
  let resting: NodeJS.Timeout | undefined;
  let waiting = 0;
  let held = 0;
  /** True while the sender does not read its answers: no more is read from it. */
  let deaf = false;
  /** Answers leave in order: each waits for the one before. */
  let tail: Promise<void> = Promise.resolve();
  socket.setKeepAlive(true, 60_000);
  socket.setNoDelay(true);
  observe.connection('mllp', 1);

  const hold = (bytes: number) => {
    shared.held += bytes - held;
    held = bytes;
  };

  const take = (frames: readonly MllpFrame[]) => {
    if (frames.length === 0) return;
    const bytes = frames.reduce((sum, frame) => sum + frame.raw.length, 0);
    waiting += bytes;
    if (waiting > inFlightBytes) socket.pause();
    rest(limit.charge(frames.length, Date.now()));
    const before = tail;
    tail = keep(frames, bytes, before);
  };

  async function keep(frames: readonly MllpFrame[], bytes: number, before: Promise<void>): Promise<void> {
    const receivedAt = Date.now();
    const places = await append(frames.map((frame) => reception(frame, { peer, source, receivedAt })));
    await before;
    waiting -= bytes;
    if (places === null) return;
    observe.received('mllp', frames.length, bytes);
    frames.forEach((frame, index) => answer(frame, places[index]));
    if (deaf) socket.pause();
    else resume();
  }

  function resume(): void {
    const free = waiting <= inFlightBytes / 2 && !deaf && resting === undefined;
    if (free && !socket.destroyed) socket.resume();
  }

  function rest(ms: number): void {
    if (ms === 0 || socket.destroyed) return;
    if (resting === undefined) observe.limited('mllp', limit.name);
    clearTimeout(resting);
    socket.pause();
    resting = setTimeout(() => {
      resting = undefined;
      resume();
    }, ms);
  }

  /** @returns null when the sender left, or the collector stops, before there was room: he has no ack and sends again */
  async function append(receptions: readonly Reception[]): Promise<readonly Place[] | null> {
    for (;;) {
      try {
        return await dependencies.spool.append(receptions);
      } catch {
        if (socket.destroyed || dependencies.spool.closed) {
          observe.refused('mllp', 'spool-full', peer);
          return null;
        }
        socket.pause();
        await dependencies.spool.room();
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  function answer({ raw, framed, oversize }: MllpFrame, place: Place | undefined): void {
    if (!framed || place === undefined || !socket.writable) return;
    const readable = oversize === undefined && hasHeader(raw);
    if (!readable) observe.refused('mllp', oversize === undefined ? 'no-msh' : 'oversize', peer);
    const id = `${dependencies.collector}-${place.lane}-${place.seq}`;
    const heard = socket.write(acknowledge(raw, { code: readable ? 'AA' : 'AR', id, at: Date.now() }));
    if (!heard) deaf = true;
  }

  socket.on('data', (chunk) => {
    take(splitter.push(chunk));
    hold(splitter.pending);
    if (shared.held <= budgetBytes || held === 0) return;
    observe.refused('mllp', 'frame-budget', peer);
    socket.destroy();
  });
  socket.on('drain', () => {
    deaf = false;
    resume();
  });
  socket.on('end', () => {
    take(splitter.end());
    void tail.then(() => socket.end());
  });
  socket.on('error', () => observe.refused('mllp', 'connection-error', peer));
  socket.on('close', () => {
    clearTimeout(resting);
    take(splitter.end());
    hold(0);
    observe.connection('mllp', -1);
  });
}

function reception(
  { raw, oversize }: MllpFrame,
  origin: Pick<Reception, 'peer' | 'source' | 'receivedAt'>
): Reception {
  const told = { raw, format: 'hl7', transport: 'mllp', ...origin } as const;
  return oversize === undefined ? told : { ...told, oversize };
}

const hasHeader = (raw: Buffer) => /^(?:[\s]|\xef\xbb\xbf)*MSH[^\w\s]/.test(raw.toString('latin1', 0, 64));
