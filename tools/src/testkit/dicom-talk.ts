import type { Said } from './packets.ts';

/* What two DICOM applications say to each other (PS3.8 9.3, PS3.7 E), made byte by byte for tests and benchmarks. */

export const ct = '1.2.840.10008.5.1.4.1.1.2';
export const verification = '1.2.840.10008.1.1';

const be32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const item = (type: number, body: Buffer) =>
  Buffer.concat([Buffer.from([type, 0, body.length >> 8, body.length & 255]), body]);
const pdu = (type: number, body: Buffer) => Buffer.concat([Buffer.from([type, 0]), be32(body.length), body]);
const title = (ae: string) => Buffer.from(ae.padEnd(16));

const applicationContext = item(0x10, Buffer.from('1.2.840.10008.3.1.1.1'));
const userInformation = item(
  0x50,
  Buffer.concat([
    item(0x51, be32(16_384)),
    item(0x52, Buffer.from('1.2.250.1.999')),
    item(0x55, Buffer.from('VIGIE_TEST'))
  ])
);

/** A-ASSOCIATE-RQ that proposes the classes as contexts 1, 3, 5 … */
export const associateRequest = (calling: string, called: string, ...classes: string[]): Buffer =>
  pdu(
    1,
    Buffer.concat([
      Buffer.from([0, 1, 0, 0]),
      title(called),
      title(calling),
      Buffer.alloc(32),
      applicationContext,
      ...classes.map((uid, i) =>
        item(
          0x20,
          Buffer.concat([
            Buffer.from([2 * i + 1, 0, 0, 0]),
            item(0x30, Buffer.from(uid)),
            item(0x40, Buffer.from('1.2.840.10008.1.2'))
          ])
        )
      ),
      userInformation
    ])
  );

/** A-ASSOCIATE-AC that gives each context a result; 0 is acceptance. */
export const associateAccept = (...results: number[]): Buffer =>
  pdu(
    2,
    Buffer.concat([
      Buffer.from([0, 1, 0, 0]),
      Buffer.alloc(64),
      applicationContext,
      ...results.map((result, i) =>
        item(
          0x21,
          Buffer.concat([
            Buffer.from([2 * i + 1, 0, result, 0]),
            item(0x40, Buffer.from('1.2.840.10008.1.2'))
          ])
        )
      ),
      userInformation
    ])
  );

export const associateReject = (result: number, source: number, reason: number): Buffer =>
  pdu(3, Buffer.from([0, result, source, reason]));
export const releaseRequest = pdu(5, Buffer.alloc(4));
export const releaseReply = pdu(6, Buffer.alloc(4));
export const abort = (source: number, reason: number): Buffer => pdu(7, Buffer.from([0, 0, source, reason]));

/** One P-DATA-TF with one PDV. @param flags bit 0: command, bit 1: last fragment */
export const dataPdu = (context: number, flags: number, body: Buffer): Buffer =>
  pdu(4, Buffer.concat([be32(body.length + 2), Buffer.from([context, flags]), body]));

/** A command set: element of group 0000 → UID or 16-bit value. */
export function commandSet(elements: Readonly<Record<number, string | number>>): Buffer {
  const parts = Object.entries(elements)
    .map(([element, value]) => [Number(element), value] as const)
    .sort(([a], [b]) => a - b)
    .map(([element, value]) => {
      const body =
        typeof value === 'string'
          ? Buffer.from(value.length % 2 ? `${value}\0` : value)
          : Buffer.from([value & 255, value >> 8]);
      const head = Buffer.alloc(8);
      head.writeUInt16LE(element, 2);
      head.writeUInt32LE(body.length, 4);
      return Buffer.concat([head, body]);
    });
  return Buffer.concat(parts);
}

/** A message: its command, and its data set in PDUs of at most `pduBytes`. */
export function message(
  context: number,
  command: Readonly<Record<number, string | number>>,
  dataset?: Buffer,
  pduBytes = 16_384
): Buffer {
  const parts = [dataPdu(context, 3, commandSet({ ...command, 0x0800: dataset ? 1 : 0x0101 }))];
  const most = pduBytes - 6;
  if (dataset !== undefined)
    for (let from = 0; from < dataset.length || from === 0; from += most) {
      const last = from + most >= dataset.length;
      parts.push(dataPdu(context, last ? 2 : 0, dataset.subarray(from, from + most)));
    }
  return Buffer.concat(parts);
}

export const storeRequest = (id: number, dataset: Buffer, sopClass = ct, pduBytes = 16_384): Buffer =>
  message(
    1,
    { 0x0002: sopClass, 0x0100: 1, 0x0110: id, 0x0700: 0, 0x1000: `1.2.250.1.999.${id}` },
    dataset,
    pduBytes
  );
export const storeReply = (id: number, status: number, sopClass = ct): Buffer =>
  message(1, { 0x0002: sopClass, 0x0100: 0x8001, 0x0120: id, 0x0900: status });
export const echoRequest = (id: number, context = 1): Buffer =>
  message(context, { 0x0002: verification, 0x0100: 0x30, 0x0110: id });
export const echoReply = (id: number, status = 0, context = 1): Buffer =>
  message(context, { 0x0002: verification, 0x0100: 0x8030, 0x0120: id, 0x0900: status });

export interface Sending {
  readonly calling?: string;
  readonly called?: string;
  readonly objects?: number;
  readonly objectBytes?: number;
  /** Status of the response to object n; success unless told. */
  readonly status?: (n: number) => number;
  readonly pduBytes?: number;
}

/** An association that stores objects one by one and is released. */
export function* storing(sending: Sending = {}): Generator<Said> {
  const {
    calling = 'CT1',
    called = 'PACS',
    objects = 3,
    objectBytes = 50_000,
    status = () => 0,
    pduBytes
  } = sending;
  const dataset = Buffer.alloc(objectBytes, 'PATIENT^SECRET ');
  yield { by: 'client', bytes: associateRequest(calling, called, ct) };
  yield { by: 'server', bytes: associateAccept(0) };
  for (let n = 1; n <= objects; n++) {
    yield { by: 'client', bytes: storeRequest(n & 0xffff, dataset, ct, pduBytes) };
    yield { by: 'server', bytes: storeReply(n & 0xffff, status(n)) };
  }
  yield { by: 'client', bytes: releaseRequest };
  yield { by: 'server', bytes: releaseReply };
}
