import { connect } from 'node:net';
import {
  associateRequest,
  frame,
  isAccepted,
  pdu,
  readElements,
  readFragments,
  type DicomPeer
} from './dicom-pdu.ts';

/** How an exchange ended: `done` when the caller had what it wanted; `aborted` for A-ABORT or a connection closed early. */
export type ExchangeEnd = 'done' | 'rejected' | 'aborted' | 'not-dicom' | 'timeout';

/** Takes one message: its command set, and its data set when it has one. `true` ends the exchange. */
export type TakeMessage = (command: Map<number, Buffer>, data: Buffer | undefined) => boolean;

/** Longest PDU and longest message that are read: we ask for PDUs of 16 KB, and answers of ours are small. */
const pduLimit = 131_072;
const messageLimit = 1_000_000;
const noDataSet = 0x0101;

/**
 * Asks for an association with one abstract syntax, sends one request, takes messages until told enough, releases
 * (PS3.8 §9.3).
 * @param request P-DATA-TF PDUs
 * @throws the socket's error when there is no connection
 */
export function exchange(
  peer: DicomPeer,
  abstractSyntax: string,
  request: Buffer,
  take: TakeMessage,
  signal: AbortSignal
): Promise<ExchangeEnd> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: peer.host, port: peer.port, noDelay: true });
    let received: Buffer = Buffer.alloc(0);
    const message = { command: Buffer.alloc(0), data: Buffer.alloc(0), told: new Map<number, Buffer>() };
    const done = (settle: () => void) => {
      clearTimeout(timer);
      clearTimeout(limit);
      signal.removeEventListener('abort', stop);
      settle();
    };
    const finish = (end: ExchangeEnd) => {
      done(() => resolve(end));
      if (end === 'done') socket.end(frame(pdu.release, Buffer.alloc(4)));
      else if (end === 'rejected') socket.end();
      else socket.destroy();
      // The peer has a moment to release; then the connection goes.
      setTimeout(() => socket.destroy(), 1000).unref();
    };
    const stop = () => finish('aborted');
    const timer = setTimeout(() => finish('timeout'), peer.timeoutMs);
    const limit = setTimeout(() => finish('timeout'), peer.totalMs ?? peer.timeoutMs);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();

    /** @returns how it ends, undefined while it goes on */
    const takeData = (body: Buffer): ExchangeEnd | undefined => {
      const fragments = readFragments(body);
      if (fragments === null) return 'not-dicom';
      for (const { command, last, bytes } of fragments) {
        const kind = command ? 'command' : 'data';
        if (message[kind].length + bytes.length > messageLimit) return 'not-dicom';
        message[kind] = Buffer.concat([message[kind], bytes]);
        if (!last) continue;
        if (command) {
          const told = readElements(message.command);
          if (told === null) return 'not-dicom';
          message.told = told;
          message.command = Buffer.alloc(0);
          const type = told.get(0x0000_0800);
          if (type !== undefined && type.length >= 2 && type.readUInt16LE(0) !== noDataSet) continue;
        }
        const data = command ? undefined : message.data;
        message.data = Buffer.alloc(0);
        if (take(message.told, data)) return 'done';
      }
      return undefined;
    };

    socket.on('connect', () => socket.write(associateRequest(peer, abstractSyntax)));
    socket.on('error', (error) => done(() => reject(error)));
    socket.on('close', () => finish('aborted'));
    socket.on('data', (chunk) => {
      timer.refresh();
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      for (;;) {
        if (received.length < 6) return;
        const length = received.readUInt32BE(2);
        if (length > pduLimit) return finish('not-dicom');
        if (received.length < 6 + length) return;
        const body = received.subarray(6, 6 + length);
        const type = received[0];
        received = received.subarray(6 + length);
        if (type === pdu.accept) {
          if (!isAccepted(body)) return finish('rejected');
          socket.write(request);
        } else if (type === pdu.data) {
          const end = takeData(body);
          if (end !== undefined) return finish(end);
        } else if (type === pdu.reject) return finish('rejected');
        else if (type === pdu.abort) return finish('aborted');
        else if (type !== pdu.released) return finish('not-dicom');
      }
    });
  });
}
