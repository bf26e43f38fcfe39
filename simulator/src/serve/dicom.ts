import { createServer, type Socket } from 'node:net';
import type { HeldStudy } from '../plan/holdings.ts';
import type { Health } from '../plan/health.ts';
import { answerData, type Incoming } from './find.ts';
import { listening, type Served } from './listening.ts';
import { item, pdu } from './pdu.ts';

/*
 * A C-ECHO and C-FIND SCP (PS3.7 §9.1, PS3.8 §9.3): it accepts associations to the AE titles it plays. Only our own probes and
 * censuses call it, so it is these few lines rather than a DICOM library in every simulator.
 */
const implicitLittleEndian = '1.2.840.10008.1.2';

/** Longest PDU that is read, and longest silence: a question needs neither. */
const pduLimit = 16_384;
const idleMs = 10_000;
const slowMs = 1800;
const maxConnections = 64;

type HealthOf = (calledAe: string) => Health | undefined;
/** What the system behind an AE title holds of one day. */
type HoldingsOf = (calledAe: string, day: string) => readonly HeldStudy[];

/** One association. */
interface Talk {
  calledAe: string;
  readonly incoming: Incoming;
}

/**
 * @param healthOf whether the system behind an AE title is up; `undefined` for a title that is not played here
 * @throws EADDRINUSE
 */
export async function serveDicom(
  port: number,
  healthOf: HealthOf,
  holdingsOf: HoldingsOf = () => []
): Promise<Served> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(idleMs, () => socket.destroy());
    let rest: Buffer = Buffer.alloc(0);
    const talk: Talk = { calledAe: '', incoming: {} };
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 6 && !socket.destroyed) {
        const length = rest.readUInt32BE(2);
        if (length > pduLimit) return void socket.end(pdu(0x07, Buffer.of(0, 0, 2, 6)));
        if (rest.length < 6 + length) return;
        answer(socket, talk, rest.readUInt8(0), rest.subarray(6, 6 + length), { healthOf, holdingsOf });
        rest = rest.subarray(6 + length);
      }
    });
  });
  server.maxConnections = maxConnections;
  return listening(server, port, () => {
    for (const socket of sockets) socket.destroy();
  });
}

function answer(
  socket: Socket,
  talk: Talk,
  type: number,
  body: Buffer,
  { healthOf, holdingsOf }: { readonly healthOf: HealthOf; readonly holdingsOf: HoldingsOf }
): void {
  switch (type) {
    case 0x01: {
      if (body.length < 68) return void socket.end(pdu(0x07, Buffer.of(0, 0, 2, 6)));
      talk.calledAe = body.toString('latin1', 4, 20).trim();
      const health = healthOf(talk.calledAe);
      // A system that is down does not answer at all; an unknown title is refused: called AE title not recognised.
      if (health === 'down') return void socket.destroy();
      if (health === undefined) return void socket.end(pdu(0x03, Buffer.of(0, 1, 1, 7)));
      return void setTimeout(
        () => socket.writable && socket.write(accept(body)),
        health === 'slow' ? slowMs : 3
      );
    }
    case 0x04: {
      const reply = answerData(body, talk.incoming, (day) => holdingsOf(talk.calledAe, day));
      if (reply === null) return void socket.end(pdu(0x07, Buffer.of(0, 0, 2, 6)));
      if (reply !== undefined) socket.write(reply);
      return;
    }
    case 0x05:
      return void socket.end(pdu(0x06, Buffer.alloc(4)));
    default:
      socket.destroy();
  }
}

/** A-ASSOCIATE-AC: every presentation context is accepted in Implicit VR Little Endian. */
function accept(request: Buffer): Buffer {
  const contexts: Buffer[] = [];
  for (let at = 68; at + 5 <= request.length; at += 4 + request.readUInt16BE(at + 2))
    if (request.readUInt8(at) === 0x20)
      contexts.push(
        item(
          0x21,
          Buffer.of(request.readUInt8(at + 4), 0, 0, 0),
          item(0x40, Buffer.from(implicitLittleEndian))
        )
      );
  const maximum = Buffer.alloc(4);
  maximum.writeUInt32BE(16_384);
  const user = item(0x50, item(0x51, maximum), item(0x52, Buffer.from('2.25.99480163')));
  return pdu(
    0x02,
    Buffer.concat([
      request.subarray(0, 68),
      item(0x10, Buffer.from('1.2.840.10008.3.1.1.1')),
      ...contexts,
      user
    ])
  );
}
