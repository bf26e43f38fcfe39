import type { Segment } from '../capture/segment.ts';
import type { SensorCounts } from '../counts.ts';
import { beginsAssociation } from '../dicom/associate.ts';
import { Association } from '../dicom/association.ts';
import type { AssociationReport } from '../dicom/report.ts';
import { addressText, fromClient, hashOf, type Connection } from './connection.ts';
import { Stream, type HeldBudget, type StreamSink } from './stream.ts';
import { ConnectionTable } from './table.ts';

export interface ConnectionLimits {
  /** Ports that are DICOM; undefined for any, known by how a connection begins. */
  readonly ports: ReadonlySet<number> | undefined;
  readonly mostConnections: number;
  /** A connection on which nothing came for as long is over. */
  readonly idleMs: number;
  /** A longer association is told in slices of this length. */
  readonly sliceMs: number;
}

/** A closed connection is known a while longer, so that late segments are not taken for one met midway. */
const closedMs = 60_000;
const sweepMs = 5_000;

/**
 * Follows the TCP connections of a capture and hands what DICOM says to their associations. The clock is the capture's own.
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #counts: SensorCounts;
  readonly #tell: (report: AssociationReport) => void;
  readonly #table: ConnectionTable;
  readonly #budget: HeldBudget = { bytes: 0 };
  #sweptAt = 0;
  #now = 0;

  constructor(limits: ConnectionLimits, counts: SensorCounts, tell: (report: AssociationReport) => void) {
    this.#limits = limits;
    this.#counts = counts;
    this.#tell = tell;
    this.#table = new ConnectionTable(limits.mostConnections);
  }

  get open(): number {
    return this.#table.size;
  }

  receive(segment: Segment, bytes: Uint8Array, at: number): void {
    const { ports } = this.#limits;
    if (ports !== undefined && !ports.has(segment.destinationPort) && !ports.has(segment.sourcePort)) {
      this.#counts.other_packets += 1;
      return;
    }
    if (at > this.#now) this.#now = at;
    if (at - this.#sweptAt > sweepMs) this.#sweep(at);
    let connection = this.#table.find(segment);
    if (segment.syn && !segment.ack && connection?.syn !== segment.sequence) {
      if (connection !== undefined) this.#forget(connection, 'cut', at);
      connection = this.#open(segment, true, segment.sequence, at);
      connection.up?.begin(segment.sequence + 1);
      return;
    }
    connection ??= this.#meet(segment, bytes, at);
    if (connection === undefined) return;
    // Not at every packet: the order of the table is by the second.
    if (at - connection.usedAt > 1000) {
      this.#table.use(connection);
      connection.usedAt = at;
    }
    connection.lastAt = at;
    if (connection.state === 'new' || connection.state === 'dicom')
      this.#follow(connection, segment, bytes, at);
  }

  /** The capture is over. */
  end(): void {
    for (const connection of this.#table) this.#forget(connection, 'open', this.#now);
  }

  /** A connection whose SYN was not seen: it may begin here all the same, else it is met midway. */
  #meet(segment: Segment, bytes: Uint8Array, at: number): Connection | undefined {
    if (segment.syn) {
      const connection = this.#open(segment, false, undefined, at);
      connection.up?.begin(segment.acknowledged);
      return connection;
    }
    if (segment.start === segment.end) return undefined;
    if (beginsAssociation(bytes, segment.start, segment.end)) {
      const connection = this.#open(segment, true, undefined, at);
      connection.up?.begin(segment.sequence);
      connection.down?.begin(segment.acknowledged);
      return connection;
    }
    const { ports } = this.#limits;
    if (ports === undefined) return undefined;
    this.#counts.connections_midstream += 1;
    const connection = this.#open(segment, ports.has(segment.destinationPort), undefined, at);
    this.#ignore(connection);
    return connection;
  }

  #follow(connection: Connection, segment: Segment, bytes: Uint8Array, at: number): void {
    const up = fromClient(connection, segment);
    const stream = up ? connection.up : connection.down;
    const other = up ? connection.down : connection.up;
    if (stream === undefined || other === undefined) return;
    if (segment.syn) {
      if (!up && !stream.known) stream.begin(segment.sequence + 1);
      return;
    }
    if (segment.rst) {
      if (connection.state === 'new' && !up && !other.spoken) this.#counts.connections_refused += 1;
      this.#close(connection, at);
      return;
    }
    // The SYN-ACK was missed: the other side acknowledges from where this one begins.
    if (!stream.known) stream.begin(segment.sequence);
    stream.receive(segment, bytes, at);
    if (connection.state === 'new' && !this.#begins(connection)) return;
    if (segment.ack) other.acknowledged(segment.acknowledged, at);
    const { association } = connection;
    if (association !== undefined && at - association.sliceSince > this.#limits.sliceMs)
      association.tellSlice(at);
    if (stream.ended && other.ended) this.#close(connection, at);
  }

  /** Its first bytes say whether this is DICOM. @returns false when it is not, and not to be looked at any more */
  #begins(connection: Connection): boolean {
    const { association } = connection;
    if (association?.begun) connection.state = 'dicom';
    if (!association?.calling.alien && !association?.called.alien) return true;
    this.#counts.connections_not_dicom += 1;
    this.#ignore(connection);
    if (this.#limits.ports === undefined) this.#table.remove(connection);
    return false;
  }

  #ignore(connection: Connection): void {
    connection.state = 'ignored';
    this.#release(connection);
  }

  #close(connection: Connection, at: number): void {
    connection.up?.close(at);
    connection.down?.close(at);
    this.#end(connection, 'cut', at);
    connection.state = 'closed';
    this.#release(connection);
  }

  #end({ association }: Connection, why: 'cut' | 'idle' | 'open', at: number): void {
    // A hole took its beginning.
    if (association && !association.begun && association.calling.lost)
      this.#counts.connections_midstream += 1;
    association?.end(why, at);
  }

  #release(connection: Connection): void {
    connection.up?.drop();
    connection.down?.drop();
    connection.up = connection.down = connection.association = undefined;
  }

  #forget(connection: Connection, why: 'cut' | 'idle' | 'open', at: number): void {
    connection.up?.close(at);
    connection.down?.close(at);
    this.#end(connection, why, at);
    this.#release(connection);
    this.#table.remove(connection);
  }

  /** Ends what is idle, oldest first, and forgets what is closed. */
  #sweep(at: number): void {
    this.#sweptAt = at;
    for (const connection of this.#table) {
      const silent = at - connection.lastAt;
      if (silent > this.#limits.idleMs) {
        if (connection.state === 'new' || connection.state === 'dicom') this.#counts.connections_idle += 1;
        this.#forget(connection, 'idle', at);
      } else if (connection.state === 'closed' && silent > closedMs) this.#table.remove(connection);
      else if (silent < closedMs) break;
    }
  }

  #open(s: Segment, fromClientSide: boolean, syn: number | undefined, at: number): Connection {
    const { oldest } = this.#table;
    if (this.#table.full && oldest !== undefined) {
      if (oldest.state !== 'closed') this.#counts.connections_evicted += 1;
      this.#forget(oldest, 'idle', at);
    }
    this.#counts.connections += 1;
    const source = [s.s0, s.s1, s.s2, s.s3, s.sourcePort] as const;
    const destination = [s.d0, s.d1, s.d2, s.d3, s.destinationPort] as const;
    const [c, d] = fromClientSide ? [source, destination] : [destination, source];
    const client = { address: addressText(s.family, c[0], c[1], c[2], c[3]), port: c[4] };
    const server = { address: addressText(s.family, d[0], d[1], d[2], d[3]), port: d[4] };
    const association = new Association({ client, server }, at, this.#counts, this.#tell);
    const connection: Connection = {
      hash: hashOf(s),
      family: s.family,
      c0: c[0],
      c1: c[1],
      c2: c[2],
      c3: c[3],
      clientPort: c[4],
      s0: d[0],
      s1: d[1],
      s2: d[2],
      s3: d[3],
      serverPort: d[4],
      syn,
      state: 'new',
      association,
      up: this.#stream(association.calling),
      down: this.#stream(association.called),
      lastAt: at,
      usedAt: at,
      sameHash: undefined,
      older: undefined,
      newer: undefined
    };
    association.settle = (side, when) => (side === 'calling' ? connection.up : connection.down)?.close(when);
    this.#table.add(connection);
    return connection;
  }

  #stream(sink: StreamSink): Stream {
    return new Stream(sink, this.#counts, this.#budget);
  }
}
