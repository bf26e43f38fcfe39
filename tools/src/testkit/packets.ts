/*
 * Packets as a mirrored port would show them, and capture files of them, made byte by byte: nothing here knows the decoder.
 */

/** One packet of a capture: when, and its bytes from the link header on. */
export interface Packet {
  readonly at: number;
  readonly bytes: Buffer;
}

export type Link = 'ethernet' | 'vlan' | 'double-vlan' | 'cooked' | 'cooked-2' | 'raw' | 'loopback';

/** Number of each in a capture (LINKTYPE_). */
export const linkTypes: Readonly<Record<Link, number>> = {
  ethernet: 1,
  vlan: 1,
  'double-vlan': 1,
  cooked: 113,
  'cooked-2': 276,
  raw: 101,
  loopback: 0
};

export interface Wire {
  readonly link?: Link;
  readonly family?: 4 | 6;
  /** Largest payload of one segment; 1,460 as at MTU 1500 unless told. */
  readonly segmentBytes?: number;
  readonly client?: { readonly address: Buffer; readonly port: number };
  readonly server?: { readonly address: Buffer; readonly port: number };
  /** Sequence number of the client's SYN. */
  readonly sequence?: number;
  readonly startedAt?: number;
  /** Milliseconds between two packets. */
  readonly stepMs?: number;
  /** How the connection ends: both sides close (as told unless told otherwise), one resets, or nothing is seen. */
  readonly end?: 'close' | 'reset' | 'none';
}

/** What one side says at its turn. */
export interface Said {
  readonly by: 'client' | 'server';
  readonly bytes: Buffer;
}

const flag = { fin: 1, syn: 2, rst: 4, ack: 16 } as const;

const ethernet = (type: number) =>
  Buffer.concat([Buffer.from('0200000000020200000000010000', 'hex').subarray(0, 12), be16(type)]);
const be16 = (value: number) => Buffer.from([value >> 8, value & 255]);

function linkHeader(link: Link, family: 4 | 6): Buffer {
  const type = family === 4 ? 0x0800 : 0x86dd;
  switch (link) {
    case 'ethernet':
      return ethernet(type);
    case 'vlan':
      return Buffer.concat([ethernet(0x8100), be16(42), be16(type)]);
    case 'double-vlan':
      return Buffer.concat([ethernet(0x88a8), be16(7), be16(0x8100), be16(42), be16(type)]);
    case 'cooked':
      return Buffer.concat([
        Buffer.from('00000001000602000000000100000000', 'hex').subarray(0, 14),
        be16(type)
      ]);
    case 'cooked-2':
      return Buffer.concat([be16(type), Buffer.alloc(18)]);
    case 'raw':
      return Buffer.alloc(0);
    case 'loopback':
      return Buffer.from([family === 4 ? 2 : 30, 0, 0, 0]);
  }
}

function ipHeader(family: 4 | 6, payload: number, source: Buffer, destination: Buffer): Buffer {
  if (family === 4) {
    const header = Buffer.alloc(20);
    header[0] = 0x45;
    header.writeUInt16BE(20 + payload, 2);
    header[8] = 64;
    header[9] = 6;
    source.copy(header, 12);
    destination.copy(header, 16);
    return header;
  }
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(payload, 4);
  header[6] = 6;
  header[7] = 64;
  source.copy(header, 8);
  destination.copy(header, 24);
  return header;
}

const addresses = {
  4: { client: Buffer.from([10, 10, 7, 1]), server: Buffer.from([10, 10, 1, 10]) },
  6: {
    client: Buffer.from('20010db8000000070000000000000001', 'hex'),
    server: Buffer.from('20010db8000000010000000000000010', 'hex')
  }
} as const;

/** One TCP connection as packets: handshake, what is said in turn, acknowledged, and its end. */
export function* conversation(said: Iterable<Said>, wire: Wire = {}): Generator<Packet> {
  const { link = 'ethernet', family = 4, segmentBytes = 1460, stepMs = 0.1, end = 'close' } = wire;
  const { client = { address: addresses[family].client, port: 50_001 } } = wire;
  const { server = { address: addresses[family].server, port: 104 } } = wire;
  const next = { client: wire.sequence ?? 1000, server: 77_000 };
  let at = wire.startedAt ?? Date.UTC(2026, 10, 24, 8);
  const make = (by: 'client' | 'server', flags: number, payload: Buffer): Packet => {
    const [from, to] = by === 'client' ? [client, server] : [server, client];
    const tcp = Buffer.alloc(20);
    tcp.writeUInt16BE(from.port, 0);
    tcp.writeUInt16BE(to.port, 2);
    tcp.writeUInt32BE(next[by] >>> 0, 4);
    tcp.writeUInt32BE(flags & flag.ack ? next[by === 'client' ? 'server' : 'client'] >>> 0 : 0, 8);
    tcp[12] = 0x50;
    tcp[13] = flags;
    tcp.writeUInt16BE(65_535, 14);
    next[by] += payload.length + (flags & (flag.syn | flag.fin) ? 1 : 0);
    at += stepMs;
    const ip = ipHeader(family, 20 + payload.length, from.address, to.address);
    return { at, bytes: Buffer.concat([linkHeader(link, family), ip, tcp, payload]) };
  };
  const none = Buffer.alloc(0);
  yield make('client', flag.syn, none);
  yield make('server', flag.syn | flag.ack, none);
  yield make('client', flag.ack, none);
  for (const { by, bytes } of said) {
    const other = by === 'client' ? 'server' : 'client';
    let segments = 0;
    for (let from = 0; from < bytes.length; from += segmentBytes) {
      yield make(by, flag.ack, bytes.subarray(from, from + segmentBytes));
      // Receivers acknowledge every second segment (RFC 9293 3.8.6.3).
      if (++segments % 2 === 0) yield make(other, flag.ack, none);
    }
    if (segments % 2 === 1) yield make(other, flag.ack, none);
  }
  if (end === 'reset') yield make('client', flag.rst, none);
  if (end !== 'close') return;
  yield make('client', flag.fin | flag.ack, none);
  yield make('server', flag.fin | flag.ack, none);
  yield make('client', flag.ack, none);
}

export interface CaptureForm {
  readonly order?: 'little' | 'big';
  readonly unit?: 'us' | 'ns';
  readonly link?: Link;
  /** Bytes of each packet that are kept. */
  readonly snap?: number;
}

/** Writers of one capture's numbers. */
function writer(order: 'little' | 'big') {
  const little = order === 'little';
  return {
    u16(value: number) {
      const bytes = Buffer.alloc(2);
      if (little) bytes.writeUInt16LE(value);
      else bytes.writeUInt16BE(value);
      return bytes;
    },
    u32(...values: number[]) {
      const bytes = Buffer.alloc(4 * values.length);
      values.forEach((value, i) =>
        little ? bytes.writeUInt32LE(value >>> 0, 4 * i) : bytes.writeUInt32BE(value >>> 0, 4 * i)
      );
      return bytes;
    }
  };
}

/** A classic pcap file in pieces: its header, then one piece a packet. */
export function* pcapPieces(packets: Iterable<Packet>, form: CaptureForm = {}): Generator<Buffer> {
  const { order = 'little', unit = 'us', link = 'ethernet', snap = 262_144 } = form;
  const { u16, u32 } = writer(order);
  yield Buffer.concat([
    u32(unit === 'us' ? 0xa1b2c3d4 : 0xa1b23c4d),
    u16(2),
    u16(4),
    u32(0, 0, snap, linkTypes[link])
  ]);
  for (const { at, bytes } of packets) {
    const kept = bytes.subarray(0, snap);
    const seconds = Math.floor(at / 1000);
    const fraction = Math.round((at - seconds * 1000) * (unit === 'us' ? 1e3 : 1e6));
    yield Buffer.concat([u32(seconds, fraction, kept.length, bytes.length), kept]);
  }
}

export const pcap = (packets: Iterable<Packet>, form: CaptureForm = {}): Buffer =>
  Buffer.concat([...pcapPieces(packets, form)]);

/** A pcapng file of one section and one interface, with the packets it says it dropped. */
export function pcapng(
  packets: Iterable<Packet>,
  form: CaptureForm & { readonly dropped?: number } = {}
): Buffer {
  const { order = 'little', unit = 'us', link = 'ethernet', snap = 262_144, dropped } = form;
  const { u16, u32 } = writer(order);
  const block = (type: number, body: Buffer) => {
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
    const length = u32(padded.length + 12);
    return Buffer.concat([u32(type), length, padded, length]);
  };
  const resolution = Buffer.concat([u16(9), u16(1), Buffer.from([unit === 'us' ? 6 : 9, 0, 0, 0])]);
  const blocks = [
    block(0x0a0d0d0a, Buffer.concat([u32(0x1a2b3c4d), u16(1), u16(0), u32(0xffffffff, 0xffffffff)])),
    block(1, Buffer.concat([u16(linkTypes[link]), u16(0), u32(snap), resolution, u32(0)]))
  ];
  for (const { at, bytes } of packets) {
    const kept = bytes.subarray(0, snap);
    const units = BigInt(Math.round(at * 1e3)) * (unit === 'us' ? 1n : 1000n);
    const stamp = [Number(units >> 32n), Number(units & 0xffffffffn)];
    blocks.push(block(6, Buffer.concat([u32(0, ...stamp, kept.length, bytes.length), kept])));
  }
  if (dropped !== undefined) {
    const count = order === 'little' ? u32(dropped, 0) : u32(0, dropped);
    blocks.push(block(5, Buffer.concat([u32(0, 0, 0), u16(5), u16(8), count, u32(0)])));
  }
  return Buffer.concat(blocks);
}
