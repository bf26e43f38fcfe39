import { Capture } from './capture/capture.ts';
import { Segment } from './capture/segment.ts';
import { noCounts, type SensorCounts } from './counts.ts';
import type { AssociationReport } from './dicom/report.ts';
import { Connections, type ConnectionLimits } from './tcp/connections.ts';

/**
 * Capture in, associations out. What it holds is bounded: one block of the capture, the table of connections, what is held
 * back for holes.
 */
export class Sensor {
  readonly counts: SensorCounts = noCounts();
  readonly #capture: Capture;
  readonly #connections: Connections;
  readonly #segment = new Segment();

  constructor(limits: ConnectionLimits, tell: (report: AssociationReport) => void) {
    this.#connections = new Connections(limits, this.counts, tell);
    this.#capture = new Capture(
      (bytes, start, end, wireLength, link, at) => this.#packet(bytes, start, end, wireLength, link, at),
      (packets) => (this.counts.dropped_by_capture += packets),
      () => (this.counts.timeless_packets += 1)
    );
  }

  /** Connections being followed, or closed a moment ago. */
  get connectionsOpen(): number {
    return this.#connections.open;
  }

  /** @throws {CaptureError} when the bytes are no capture, or damaged */
  push(chunk: Buffer): void {
    this.#capture.push(chunk);
  }

  /** Tells what is still open. @returns bytes at the end of the capture that are no whole packet */
  end(): number {
    this.#connections.end();
    return this.#capture.unread;
  }

  #packet(bytes: Uint8Array, start: number, end: number, wireLength: number, link: number, at: number): void {
    const { counts } = this;
    counts.packets += 1;
    counts.bytes += wireLength;
    if (wireLength > end - start) counts.truncated_packets += 1;
    switch (this.#segment.read(bytes, start, end, wireLength, link)) {
      case 'tcp':
        return this.#connections.receive(this.#segment, bytes, at);
      case 'other':
        counts.other_packets += 1;
        return;
      case 'fragment':
        counts.fragments += 1;
        return;
      case 'malformed':
        counts.malformed_packets += 1;
        return;
      case 'unknown-link':
        counts.unknown_link_packets += 1;
    }
  }
}
