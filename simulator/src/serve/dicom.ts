import { createServer, type Socket } from 'node:net';
import type { Health } from '../plan/outages.ts';
import { listening, type Served } from './listening.ts';

/*
 * A C-ECHO SCP (PS3.7 §9.1.5, PS3.8 §9.3): it accepts associations to the AE titles it plays, and answers echoes. Only our own
 * probes call it, so it is these few lines rather than a DICOM library in every simulator.
 */
const implicitLittleEndian = '1.2.840.10008.1.2';
const verification = '1.2.840.10008.1.1';

const item = (type: number, ...content: Buffer[]) => {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(4);
  head.writeUInt8(type, 0);
  head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
};
const pdu = (type: number, body: Buffer) => {
  const head = Buffer.alloc(6);
  head.writeUInt8(type, 0);
  head.writeUInt32BE(body.length, 2);
  return Buffer.concat([head, body]);
};

/** Longest PDU that is read, and longest silence: an association for an echo needs neither. */
const pduLimit = 16_384;
const idleMs = 10_000;
const slowMs = 1800;
const maxConnections = 64;

type HealthOf = (calledAe: string) => Health | undefined;

/**
 * @param healthOf whether the system behind an AE title is up; `undefined` for a title that is not played here
 * @throws EADDRINUSE
 */
export async function serveDicom(port: number, healthOf: HealthOf): Promise<Served> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(idleMs, () => socket.destroy());
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 6 && !socket.destroyed) {
        const length = rest.readUInt32BE(2);
        if (length > pduLimit) return void socket.end(pdu(0x07, Buffer.of(0, 0, 2, 6)));
        if (rest.length < 6 + length) return;
        answer(socket, rest.readUInt8(0), rest.subarray(6, 6 + length), healthOf);
        rest = rest.subarray(6 + length);
      }
    });
  });
  server.maxConnections = maxConnections;
  return listening(server, port, () => {
    for (const socket of sockets) socket.destroy();
  });
}

function answer(socket: Socket, type: number, body: Buffer, healthOf: HealthOf): void {
  switch (type) {
    case 0x01: {
      if (body.length < 68) return void socket.end(pdu(0x07, Buffer.of(0, 0, 2, 6)));
      const health = healthOf(body.toString('latin1', 4, 20).trim());
      // A system that is down does not answer at all; an unknown title is refused: called AE title not recognised.
      if (health === 'down') return void socket.destroy();
      if (health === undefined) return void socket.end(pdu(0x03, Buffer.of(0, 1, 1, 7)));
      return void setTimeout(
        () => socket.writable && socket.write(accept(body)),
        health === 'slow' ? slowMs : 3
      );
    }
    case 0x04:
      if (body.length < 6) return void socket.end(pdu(0x07, Buffer.of(0, 0, 2, 6)));
      return void socket.write(echoResponse(body));
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

/** C-ECHO-RSP with status 0000H to the C-ECHO-RQ of a P-DATA-TF. */
function echoResponse(body: Buffer): Buffer {
  const contextId = body.readUInt8(4);
  const command = body.subarray(6);
  const at = command.indexOf(Buffer.of(0x00, 0x00, 0x10, 0x01, 0x02, 0x00, 0x00, 0x00));
  const messageId = at < 0 || command.length < at + 10 ? 1 : command.readUInt16LE(at + 8);
  const element = (tag: number, value: Buffer) => {
    const head = Buffer.alloc(8);
    head.writeUInt16LE(0, 0);
    head.writeUInt16LE(tag, 2);
    head.writeUInt32LE(value.length, 4);
    return Buffer.concat([head, value]);
  };
  const us = (value: number) => Buffer.of(value & 0xff, value >> 8);
  const elements = Buffer.concat([
    element(0x0002, Buffer.from(`${verification}\0`)),
    element(0x0100, us(0x8030)),
    element(0x0120, us(messageId)),
    element(0x0800, us(0x0101)),
    element(0x0900, us(0))
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(elements.length);
  const message = Buffer.concat([element(0x0000, length), elements]);
  const pdv = Buffer.alloc(6);
  pdv.writeUInt32BE(message.length + 2, 0);
  pdv.writeUInt8(contextId, 4);
  pdv.writeUInt8(0x03, 5);
  return pdu(0x04, Buffer.concat([pdv, message]));
}
