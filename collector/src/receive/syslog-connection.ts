import type { Socket } from 'node:net';
import type { Reception, Transport } from '../reception.ts';
import type { Spool } from '../spool/spool.ts';
import type { SourceLimits } from './source-limits.ts';
import { FrameSplitter, type Frame } from './frames.ts';
import { syslogFormat } from './syslog-format.ts';

/** Bytes of one connection that may wait for the disk before its socket is paused: what comes within one or two fsyncs. */
const inFlightBytes = 2_500_000;
/** Quiet time after which a held-back last line is taken as it is, ms. */
const quietMs = 500;

export interface SyslogDependencies {
  readonly spool: Spool;
  readonly limits: SourceLimits;
  readonly maxConnections: number;
  readonly observe: SyslogObserver;
}

/** What a syslog receiver reports. Calls must not throw. */
export interface SyslogObserver {
  received(transport: Transport, records: number, bytes: number): void;
  connection(transport: Transport, change: 1 | -1): void;
  refused(transport: Transport, reason: string, peer: string): void;
  /** A sender beyond its rate: its connection is read again later, or its datagram is lost. */
  limited(transport: Transport, sender: string): void;
}

/** The budget of unfinished frames of all connections together. */
export class FrameBudget {
  #held = 0;
  readonly #limit: number;
  constructor(limit: number) {
    this.#limit = limit;
  }
  change(by: number): void {
    this.#held += by;
  }
  get exceeded(): boolean {
    return this.#held > this.#limit;
  }
}

/**
 * Reads one stream connection until it ends. The socket is paused while the disk is behind or the spool is full: TCP pushes
 * back, nothing is dropped. An idle connection is never closed: the sender would lose its next message without knowing.
 * @param source system id when the receiver knows it, as by a client certificate
 */
export function readSyslogConnection(
  socket: Socket,
  transport: 'tcp' | 'tls',
  budget: FrameBudget,
  dependencies: SyslogDependencies,
  source = ''
): void {
  const { spool, observe } = dependencies;
  const peer = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const limit = dependencies.limits.of(source, peer);
  const splitter = new FrameSplitter(limit.maxMessageBytes);
  let waiting = 0;
  /** Set while the sender is beyond its rate. */
  let resting: NodeJS.Timeout | undefined;
  let held = 0;
  let quiet: NodeJS.Timeout | undefined;
  socket.setKeepAlive(true, 60_000);
  socket.setNoDelay(true);
  observe.connection(transport, 1);

  const hold = (bytes: number) => {
    budget.change(bytes - held);
    held = bytes;
  };

  async function keep(frames: readonly Frame[]): Promise<void> {
    if (frames.length === 0) return;
    const receivedAt = Date.now();
    const receptions = frames.map(({ raw, oversize }): Reception => ({
      raw,
      format: syslogFormat(raw),
      transport,
      peer,
      source,
      receivedAt,
      ...(oversize && { oversize })
    }));
    const bytes = frames.reduce((sum, frame) => sum + frame.raw.length, 0);
    waiting += bytes;
    if (waiting > inFlightBytes) socket.pause();
    rest(limit.charge(frames.length, receivedAt));
    // A message that was read is kept in memory until the spool takes it: there is no ack by which to refuse it.
    for (;;) {
      try {
        await spool.append(receptions);
        break;
      } catch {
        socket.pause();
        await spool.room();
        await new Promise((resolve) => setTimeout(resolve, 100));
        if (spool.closed) return observe.refused(transport, 'stopping', peer);
      }
    }
    observe.received(transport, receptions.length, bytes);
    waiting -= bytes;
    resume();
  }

  function resume(): void {
    if (waiting <= inFlightBytes / 2 && resting === undefined && !socket.destroyed) socket.resume();
  }

  /** Reads nothing for a while: TCP pushes back, nothing is lost. */
  function rest(ms: number): void {
    if (ms === 0 || socket.destroyed) return;
    if (resting === undefined) observe.limited(transport, limit.name);
    clearTimeout(resting);
    socket.pause();
    resting = setTimeout(() => {
      resting = undefined;
      resume();
    }, ms);
  }

  socket.on('data', (chunk) => {
    clearTimeout(quiet);
    void keep(splitter.push(chunk));
    hold(splitter.pending);
    if (budget.exceeded && held > 0) {
      observe.refused(transport, 'frame-budget', peer);
      void keep(splitter.cut());
      hold(splitter.pending);
    }
    if (splitter.pending > 0) {
      quiet = setTimeout(() => {
        void keep(splitter.quiet());
        hold(splitter.pending);
      }, quietMs);
      quiet.unref();
    }
  });
  socket.on('error', () => observe.refused(transport, 'connection-error', peer));
  socket.on('close', () => {
    clearTimeout(quiet);
    clearTimeout(resting);
    void keep(splitter.end());
    hold(0);
    observe.connection(transport, -1);
  });
}
