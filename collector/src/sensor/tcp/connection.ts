import type { Segment } from '../capture/segment.ts';
import type { Association } from '../dicom/association.ts';
import type { Stream } from './stream.ts';

/** Of a connection: not yet known to be DICOM, an association, not looked at, or over. */
export type ConnectionState = 'new' | 'dicom' | 'ignored' | 'closed';

/** One TCP connection of the table, a link of its list by time of use and of its hash chain. */
export interface Connection {
  readonly hash: number;
  readonly family: 4 | 6;
  /** Four words of the address, and port, of the side that opened it; then of the other. */
  readonly c0: number;
  readonly c1: number;
  readonly c2: number;
  readonly c3: number;
  readonly clientPort: number;
  readonly s0: number;
  readonly s1: number;
  readonly s2: number;
  readonly s3: number;
  readonly serverPort: number;
  /** Sequence number of its SYN, to tell one sent again from a new connection. */
  readonly syn: number | undefined;
  state: ConnectionState;
  association: Association | undefined;
  up: Stream | undefined;
  down: Stream | undefined;
  lastAt: number;
  /** When it was last moved to the end of the list. */
  usedAt: number;
  sameHash: Connection | undefined;
  older: Connection | undefined;
  newer: Connection | undefined;
}

/** Whether the segment comes from the side that opened the connection. */
export function fromClient(c: Connection, s: Segment): boolean {
  return (
    s.sourcePort === c.clientPort &&
    s.s3 === c.c3 &&
    (s.family === 4 || (s.s0 === c.c0 && s.s1 === c.c1 && s.s2 === c.c2)) &&
    s.destinationPort === c.serverPort &&
    s.d3 === c.s3 &&
    (s.family === 4 || (s.d0 === c.s0 && s.d1 === c.s1 && s.d2 === c.s2))
  );
}

/** Whether the segment belongs to the connection, from either side. */
export function belongs(c: Connection, s: Segment): boolean {
  return c.family === s.family && (fromClient(c, s) || fromServer(c, s));
}

function fromServer(c: Connection, s: Segment): boolean {
  return (
    s.sourcePort === c.serverPort &&
    s.s3 === c.s3 &&
    (s.family === 4 || (s.s0 === c.s0 && s.s1 === c.s1 && s.s2 === c.s2)) &&
    s.destinationPort === c.clientPort &&
    s.d3 === c.c3 &&
    (s.family === 4 || (s.d0 === c.c0 && s.d1 === c.c1 && s.d2 === c.c2))
  );
}

/** The same number for both directions of a connection. */
export function hashOf(s: Segment): number {
  const one = Math.imul(s.s0 ^ s.s1 ^ s.s2 ^ s.s3, 0x9e37_79b1) ^ Math.imul(s.sourcePort, 0x85eb_ca6b);
  const other = Math.imul(s.d0 ^ s.d1 ^ s.d2 ^ s.d3, 0x9e37_79b1) ^ Math.imul(s.destinationPort, 0x85eb_ca6b);
  return (one + other) | 0;
}

/** An address as text, of its four words. */
export function addressText(family: 4 | 6, w0: number, w1: number, w2: number, w3: number): string {
  if (family === 4) return [w3 >>> 24, (w3 >>> 16) & 255, (w3 >>> 8) & 255, w3 & 255].join('.');
  const groups = [w0, w1, w2, w3].flatMap((word) => [word >>> 16, word & 0xffff]);
  // The longest run of zeros is written as "::" (RFC 5952 4.2).
  const text = groups.map((group) => group.toString(16)).join(':');
  const runs = [...text.matchAll(/\b0(?::0)+\b/g)].map(([run]) => run);
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest === '') return text;
  const at = text.indexOf(longest);
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + longest.length).replace(/^:/, '')}`;
}
