import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { storing } from '@vigie/tools/testkit/dicom-talk';
import { conversation, pcap, pcapng } from '@vigie/tools/testkit/packets';
import { expect, test } from 'vitest';
import { TransferRecord } from '@vigie/schemas/facts/transfer';
import { CaptureError } from './capture/capture-error.ts';
import { factsOf } from './report/facts.ts';
import { readCapture } from './testkit.ts';

const drive = readFileSync(join(import.meta.dirname, '../../fixtures/dicom-capture/dcmtk.pcap'));
const packets = [...conversation(storing({ objects: 4, objectBytes: 9000 }))];
const bases = [drive, pcap(packets), pcapng(packets)];

/** Reads what may be anything; only a capture that says so itself may be refused. */
function survive(bytes: Buffer) {
  try {
    const { reports, counts } = readCapture([bytes], { ports: undefined });
    for (const fact of reports.flatMap(factsOf)) TransferRecord.parse(fact);
    return counts;
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    return undefined;
  }
}

const mutation = fc.record({
  base: fc.constantFrom(...bases),
  changes: fc.array(
    fc.record({ at: fc.nat(200_000), byte: fc.integer({ min: 0, max: 255 }), cut: fc.nat(40), kind: fc.constantFrom('set', 'cut', 'repeat') }), // prettier-ignore
    { minLength: 1, maxLength: 30 }
  ),
  /** Keeps the frame of the capture whole, so that the damage lies in the packets. */
  behind: fc.boolean()
});

test('a damaged capture breaks nothing, tells nothing that does not fit, and ends', () => {
  fc.assert(
    fc.property(mutation, ({ base, changes, behind }) => {
      let bytes = Buffer.from(base);
      for (const { at, byte, cut, kind } of changes) {
        const place = (behind ? 24 + 16 + 34 : 0) + (at % bytes.length);
        if (place >= bytes.length) continue;
        if (kind === 'set') bytes[place] = byte;
        else if (kind === 'cut')
          bytes = Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + cut)]);
        else bytes = Buffer.concat([bytes.subarray(0, place + cut), bytes.subarray(place)]);
      }
      survive(bytes);
    }),
    { numRuns: 400 }
  );
});

test('packets that are damaged inside an intact capture are all read', () => {
  const change = fc.array(fc.record({ packet: fc.nat(), at: fc.nat(), byte: fc.nat(255) }), {
    minLength: 1,
    maxLength: 60
  });
  fc.assert(
    fc.property(change, (changes) => {
      const damaged = packets.map(({ at, bytes }) => ({ at, bytes: Buffer.from(bytes) }));
      for (const { packet, at, byte } of changes) {
        const { bytes } = damaged[packet % damaged.length]!;
        bytes[at % bytes.length] = byte;
      }
      expect(survive(pcap(damaged))?.packets).toBe(packets.length);
    }),
    { numRuns: 400 }
  );
});

test('noise that never ends holds no memory', () => {
  const noise = Buffer.alloc(1400, 0xa5);
  const heap = () => process.memoryUsage().arrayBuffers;
  const before = heap();
  function* flood() {
    for (let n = 0; n < 20_000; n++) {
      const port = 1024 + (n % 60_000);
      yield* conversation([{ by: 'client', bytes: noise }], {
        client: { address: Buffer.from([10, 1, n >> 8, n & 255]), port },
        end: 'none'
      });
    }
  }
  const { counts } = readCapture([pcap(flood())], { mostConnections: 500 });
  expect(counts.connections).toBe(20_000);
  expect(heap() - before).toBeLessThan(120_000_000);
});
