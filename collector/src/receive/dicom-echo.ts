import { connect } from 'node:net';

/**
 * C-ECHO as SCU, on our own few lines: the DIMSE library at hand throws out of socket handlers when a peer answers
 * with anything but DICOM, which would take the receivers down with it.
 */

export type EchoOutcome = 'ok' | 'rejected' | 'aborted' | 'error' | 'timeout';

export interface EchoTarget {
  readonly host: string;
  readonly port: number;
  readonly calledAe: string;
  readonly callingAe: string;
  readonly timeoutMs: number;
}

const applicationContext = '1.2.840.10008.3.1.1.1';
const verification = '1.2.840.10008.1.1';
const implicitLittleEndian = '1.2.840.10008.1.2';
const implementation = '2.25.149015327849772729756765805661998602904';
/** Longest PDU that is read: an answer to an echo has a few hundred bytes. */
const pduLimit = 65_536;

const pdu = { associate: 1, accept: 2, reject: 3, data: 4, release: 5, released: 6, abort: 7 } as const;

/**
 * Asks for an association, sends one C-ECHO-RQ, releases (PS3.8 §9.3, PS3.7 §9.3.5).
 * @returns `ok` for status 0000H; `rejected` for A-ASSOCIATE-RJ or a refused presentation context; `aborted` for A-ABORT
 *   or a connection closed early; `error` for another status or anything that is not DICOM; `timeout`
 * @throws the socket's error when there is no connection
 */
export function echo(target: EchoTarget, signal: AbortSignal): Promise<EchoOutcome> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: target.host, port: target.port, noDelay: true });
    let received: Buffer = Buffer.alloc(0);
    let command: Buffer = Buffer.alloc(0);
    const done = (settle: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      settle();
    };
    const finish = (outcome: EchoOutcome) => {
      done(() => resolve(outcome));
      if (outcome === 'ok') socket.end(frame(pdu.release, Buffer.alloc(4)));
      else if (outcome === 'rejected') socket.end();
      else socket.destroy();
      // The peer has a moment to release; then the connection goes.
      setTimeout(() => socket.destroy(), 1000).unref();
    };
    const stop = () => finish('aborted');
    const timer = setTimeout(() => finish('timeout'), target.timeoutMs);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();

    socket.on('connect', () => socket.write(associateRequest(target)));
    socket.on('error', (error) => done(() => reject(error)));
    socket.on('close', () => finish('aborted'));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      for (;;) {
        if (received.length < 6) return;
        const length = received.readUInt32BE(2);
        if (length > pduLimit) return finish('error');
        if (received.length < 6 + length) return;
        const body = received.subarray(6, 6 + length);
        const type = received[0];
        received = received.subarray(6 + length);
        if (type === pdu.accept) {
          if (!isAccepted(body)) return finish('rejected');
          socket.write(echoRequest());
        } else if (type === pdu.data) {
          const fragment = readFragment(body);
          if (fragment === null || command.length > pduLimit) return finish('error');
          command = Buffer.concat([command, fragment.bytes]);
          if (fragment.last) return finish(statusOf(command) === 0 ? 'ok' : 'error');
        } else if (type === pdu.reject) return finish('rejected');
        else if (type === pdu.abort) return finish('aborted');
        else if (type !== pdu.released) return finish('error');
      }
    });
  });
}

function frame(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt8(type, 0);
  head.writeUInt32BE(body.length, 2);
  return Buffer.concat([head, body]);
}

/** Item of an association PDU: type, reserved, 16-bit length. */
function item(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt8(type, 0);
  head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
}

function associateRequest({ calledAe, callingAe }: EchoTarget): Buffer {
  const titles = Buffer.from(calledAe.padEnd(16) + callingAe.padEnd(16), 'latin1');
  const maxLength = Buffer.alloc(4);
  maxLength.writeUInt32BE(16_384);
  return frame(
    pdu.associate,
    Buffer.concat([
      Buffer.from([0, 1, 0, 0]),
      titles,
      Buffer.alloc(32),
      item(0x10, Buffer.from(applicationContext)),
      item(
        0x20,
        Buffer.concat([
          Buffer.from([1, 0, 0, 0]),
          item(0x30, Buffer.from(verification)),
          item(0x40, Buffer.from(implicitLittleEndian))
        ])
      ),
      item(
        0x50,
        Buffer.concat([
          item(0x51, maxLength),
          item(0x52, Buffer.from(implementation)),
          item(0x55, Buffer.from('VIGIE'))
        ])
      )
    ])
  );
}

/** Whether the presentation context 1 is accepted (PS3.8 table 9-18: result 0). */
function isAccepted(body: Buffer): boolean {
  for (let at = 68; at + 4 <= body.length;) {
    const length = body.readUInt16BE(at + 2);
    if (body[at] === 0x21 && at + 6 < body.length && body[at + 4] === 1) return body[at + 6] === 0;
    at += 4 + length;
  }
  return false;
}

function echoRequest(): Buffer {
  const us = (value: number) => Buffer.from([value & 0xff, value >> 8]);
  const elements = Buffer.concat([
    element(0x0002, Buffer.from(`${verification}\0`)),
    element(0x0100, us(0x0030)),
    element(0x0110, us(1)),
    element(0x0800, us(0x0101))
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(elements.length);
  const command = Buffer.concat([element(0x0000, length), elements]);
  const head = Buffer.alloc(6);
  head.writeUInt32BE(command.length + 2, 0);
  head.writeUInt8(1, 4);
  head.writeUInt8(0x03, 5);
  return frame(pdu.data, Buffer.concat([head, command]));
}

/** One element of group 0000, implicit little endian. */
function element(number: number, value: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(number, 2);
  head.writeUInt32LE(value.length, 4);
  return Buffer.concat([head, value]);
}

/** First presentation data value of a P-DATA-TF that holds a command; null when it is malformed. */
function readFragment(body: Buffer): { bytes: Buffer; last: boolean } | null {
  if (body.length < 6) return null;
  const length = body.readUInt32BE(0);
  const control = body[5] ?? 0;
  if (length < 2 || 4 + length > body.length || (control & 1) === 0) return null;
  return { bytes: body.subarray(6, 4 + length), last: (control & 2) !== 0 };
}

/** (0000,0900) of a command set; undefined when it is not there. */
function statusOf(command: Buffer): number | undefined {
  for (let at = 0; at + 8 <= command.length;) {
    const number = command.readUInt16LE(at + 2);
    const length = command.readUInt32LE(at + 4);
    if (command.readUInt16LE(at) === 0 && number === 0x0900 && length >= 2 && at + 10 <= command.length)
      return command.readUInt16LE(at + 8);
    at += 8 + length;
  }
  return undefined;
}
