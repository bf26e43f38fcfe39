/** What a packet was, for the counts. */
export const packetKinds = ['tcp', 'other', 'fragment', 'malformed', 'unknown-link'] as const;
export type PacketKind = (typeof packetKinds)[number];

/** The one TCP segment being looked at: its numbers, and where its payload lies. Reused, so that packets cost no memory. */
export class Segment {
  /** Addresses as four words; IPv4 in the last one, with `family` telling them apart. */
  family: 4 | 6 = 4;
  s0 = 0;
  s1 = 0;
  s2 = 0;
  s3 = 0;
  d0 = 0;
  d1 = 0;
  d2 = 0;
  d3 = 0;
  sourcePort = 0;
  destinationPort = 0;
  sequence = 0;
  acknowledged = 0;
  syn = false;
  ack = false;
  fin = false;
  rst = false;
  start = 0;
  end = 0;
  /** Bytes of the payload that the capture cut off. */
  missing = 0;

  /** Takes one packet apart, from its link header to its payload. */
  read(bytes: Uint8Array, start: number, end: number, wireLength: number, link: number): PacketKind {
    const at = networkHeader(bytes, start, end, link);
    if (at === unknownLink) return 'unknown-link';
    if (at < 0 || at >= end) return 'other';
    const cut = Math.max(0, wireLength - (end - start));
    const version = bytes[at]! >> 4;
    if (version === 4) return this.#v4(bytes, at, end, cut);
    return version === 6 ? this.#v6(bytes, at, end, cut) : 'other';
  }

  #v4(bytes: Uint8Array, at: number, end: number, cut: number): PacketKind {
    if (at + 20 > end) return 'malformed';
    if (bytes[at + 9] !== tcp) return 'other';
    // More fragments, or an offset: TCP over DICOM's MSS is never fragmented in sound networks.
    if ((u16(bytes, at + 6) & 0x3fff) !== 0) return 'fragment';
    const header = (bytes[at]! & 15) * 4;
    if (header < 20) return 'malformed';
    this.family = 4;
    this.s0 = this.s1 = this.s2 = this.d0 = this.d1 = this.d2 = 0;
    this.s3 = u32(bytes, at + 12);
    this.d3 = u32(bytes, at + 16);
    // A length of 0: the network card of the capturing machine cuts segments itself (TSO).
    const total = u16(bytes, at + 2);
    return this.#tcp(bytes, at + header, end, total === 0 ? end + cut : at + total);
  }

  #v6(bytes: Uint8Array, at: number, end: number, cut: number): PacketKind {
    if (at + 40 > end) return 'malformed';
    this.family = 6;
    this.s0 = u32(bytes, at + 8);
    this.s1 = u32(bytes, at + 12);
    this.s2 = u32(bytes, at + 16);
    this.s3 = u32(bytes, at + 20);
    this.d0 = u32(bytes, at + 24);
    this.d1 = u32(bytes, at + 28);
    this.d2 = u32(bytes, at + 32);
    this.d3 = u32(bytes, at + 36);
    const length = u16(bytes, at + 4);
    const stop = length === 0 ? end + cut : at + 40 + length;
    let next = bytes[at + 6]!;
    let header = at + 40;
    // Hop-by-hop, routing, destination options and authentication headers (RFC 8200 4).
    while (next === 0 || next === 43 || next === 60 || next === 51) {
      if (header + 2 > end) return 'malformed';
      const size = next === 51 ? (bytes[header + 1]! + 2) * 4 : (bytes[header + 1]! + 1) * 8;
      next = bytes[header]!;
      header += size;
    }
    if (next === 44) return 'fragment';
    return next === tcp ? this.#tcp(bytes, header, end, stop) : 'other';
  }

  /** @param stop where the packet's payload ends by its own word: padding lies behind, what is cut before */
  #tcp(bytes: Uint8Array, at: number, end: number, stop: number): PacketKind {
    if (at + 20 > end) return 'malformed';
    const start = at + (bytes[at + 12]! >> 4) * 4;
    if (start < at + 20 || start > stop) return 'malformed';
    this.sourcePort = u16(bytes, at);
    this.destinationPort = u16(bytes, at + 2);
    this.sequence = u32(bytes, at + 4);
    this.acknowledged = u32(bytes, at + 8);
    const flags = bytes[at + 13]!;
    this.fin = (flags & 1) !== 0;
    this.syn = (flags & 2) !== 0;
    this.rst = (flags & 4) !== 0;
    this.ack = (flags & 16) !== 0;
    this.start = Math.min(start, end);
    this.end = Math.max(this.start, Math.min(stop, end));
    this.missing = stop - start - (this.end - this.start);
    return 'tcp';
  }
}

const tcp = 6;
const unknownLink = -2;
const notIp = -1;

/** @returns where the IP header begins, `notIp`, or `unknownLink` */
function networkHeader(bytes: Uint8Array, start: number, end: number, link: number): number {
  switch (link) {
    case 1: // Ethernet
      return afterEtherType(bytes, start + 12, end);
    case 0: // BSD loopback: an address family in the byte order of its machine
    case 108:
      return start + 4;
    case 12:
    case 14:
    case 101: // raw IP
    case 228:
    case 229:
      return start;
    case 113: // Linux cooked
      return afterEtherType(bytes, start + 14, end);
    case 276: // Linux cooked, version 2: the protocol comes first
      return end - start < 20 ? notIp : isIp(u16(bytes, start)) ? start + 20 : notIp;
    default:
      return unknownLink;
  }
}

const isIp = (type: number) => type === 0x0800 || type === 0x86dd;

/** Steps over VLAN tags (802.1Q, 802.1ad and the older 0x9100), at most four. */
function afterEtherType(bytes: Uint8Array, at: number, end: number): number {
  for (let tags = 0; tags <= 4 && at + 2 <= end; tags++, at += 4) {
    const type = u16(bytes, at);
    if (isIp(type)) return at + 2;
    if (type !== 0x8100 && type !== 0x88a8 && type !== 0x9100) return notIp;
  }
  return notIp;
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** 32 bits as a signed number, which V8 keeps without allocating. */
function u32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
