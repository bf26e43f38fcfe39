import fc from 'fast-check';
import {
  abort,
  associateAccept,
  associateReject,
  associateRequest,
  commandSet,
  ct,
  dataPdu,
  echoReply,
  echoRequest,
  message,
  releaseReply,
  releaseRequest,
  storeReply,
  storeRequest,
  storing,
  verification
} from '@vigie/tools/testkit/dicom-talk';
import { conversation, pcap, pcapng, type Link, type Packet, type Said } from '@vigie/tools/testkit/packets';
import { describe, expect, test } from 'vitest';
import { CaptureError } from './capture/capture-error.ts';
import { factsOf } from './report/facts.ts';
import { readCapture } from './testkit.ts';

const client = (...bytes: Buffer[]): Said[] => bytes.map((one) => ({ by: 'client', bytes: one }));
const server = (...bytes: Buffer[]): Said[] => bytes.map((one) => ({ by: 'server', bytes: one }));
const stored = { service: 'C-STORE', instances: 3, failures: 0, bytes: 150_000, status: 'success' };

/** What one connection with this talk is told as. */
function told(talk: Iterable<Said>, options: Parameters<typeof conversation>[1] = {}) {
  const { reports, counts } = readCapture([pcap(conversation(talk, options))]);
  return { facts: reports.flatMap(factsOf), reports, counts };
}

describe('captures', () => {
  const links: Link[] = ['ethernet', 'vlan', 'double-vlan', 'cooked', 'cooked-2', 'raw', 'loopback'];
  for (const link of links)
    for (const family of [4, 6] as const)
      test(`${link} with IPv${family} is read in every form`, () => {
        const packets = [...conversation(storing(), { link, family })];
        for (const make of [pcap, pcapng])
          for (const order of ['little', 'big'] as const)
            for (const unit of ['us', 'ns'] as const) {
              const { reports, counts } = readCapture([make(packets, { link, order, unit })]);
              expect(reports.flatMap(factsOf)).toEqual([
                {
                  ...stored,
                  id: expect.any(String),
                  occurred_at: '2026-11-24T08:00:00.000Z',
                  grain: 'association',
                  calling_ae: 'CT1',
                  called_ae: 'PACS',
                  peer: family === 4 ? '10.10.7.1' : '2001:db8:0:7::1',
                  sop_class: ct,
                  duration_ms: expect.any(Number),
                  status_code: '0000'
                }
              ]);
              expect(counts.malformed_packets + counts.unknown_link_packets + counts.gaps).toBe(0);
            }
      });

  test('what arrives in pieces of any size is read the same', () => {
    const whole = pcap(conversation(storing({ objects: 2, objectBytes: 3000 })));
    const expected = readCapture([whole]);
    const cuts = fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(cuts, (sizes) => {
        const pieces: Buffer[] = [];
        for (let at = 0, n = 0; at < whole.length; n++) {
          const size = sizes[n % sizes.length] ?? 1;
          pieces.push(whole.subarray(at, at + size));
          at += size;
        }
        expect(readCapture(pieces)).toEqual(expected);
      }),
      { numRuns: 30 }
    );
  });

  test('packets that the capturing machine says it lost are counted', () => {
    const packets = [...conversation(storing())];
    expect(readCapture([pcapng(packets, { dropped: 17 })]).counts.dropped_by_capture).toBe(17);
  });

  test('a packet whose time is none is passed over and counted, and the others are read', () => {
    const packets = [...conversation(storing())];
    const never = { ...packets[0]!, at: 9e15 };
    const { reports, counts } = readCapture([pcapng([never, ...packets, never])]);
    expect(counts).toMatchObject({ timeless_packets: 2, packets: packets.length });
    expect(reports.flatMap(factsOf)).toMatchObject([{ ...stored, occurred_at: '2026-11-24T08:00:00.000Z' }]);
  });

  test('what is no capture is refused with a sentence, and a cut one is told to its end', () => {
    expect(() => readCapture([Buffer.from('GET / HTTP/1.1\r\n\r\n')])).toThrow(CaptureError);
    const whole = pcap(conversation(storing()));
    const { unread, counts } = readCapture([whole.subarray(0, whole.length - 30)]);
    expect(unread).toBeGreaterThan(0);
    expect(counts.associations).toBe(1);
  });
});

describe('TCP', () => {
  const packets = [...conversation(storing({ objectBytes: 20_000 }))];

  test('segments sent again, out of order and in any mixture are read once', () => {
    // Mirrors disorder near neighbours; sides are kept behind the handshake.
    const swaps = fc.array(
      fc.record({ at: fc.integer({ min: 3, max: packets.length - 8 }), by: fc.integer({ min: 1, max: 4 }), again: fc.boolean() }), // prettier-ignore
      { maxLength: 12 }
    );
    fc.assert(
      fc.property(swaps, (changes) => {
        const mixed: Packet[] = packets.slice();
        for (const { at, by, again } of changes) {
          const one = mixed[at]!;
          if (!again) mixed.splice(at, 1);
          mixed.splice(at + by, 0, one);
        }
        const { reports, counts } = readCapture([pcap(mixed)]);
        expect(counts.gaps).toBe(0);
        expect(reports.flatMap(factsOf)).toMatchObject([{ ...stored, bytes: 60_000 }]);
      }),
      { numRuns: 60 }
    );
  });

  test('sequence numbers wrap', () => {
    for (const sequence of [0xffff_ffff, 0xffff_fffe, 0xffff_0000, 0x7fff_ff00, 0x8000_0000])
      expect(told(storing(), { sequence }).facts, String(sequence)).toMatchObject([stored]);
  });

  test('a segment of one byte at a time is read the same', () => {
    expect(told(storing({ objects: 1, objectBytes: 700 }), { segmentBytes: 1 }).facts).toMatchObject([
      { ...stored, instances: 1, bytes: 700 }
    ]);
  });

  test('a capture that begins midway is counted, and nothing of it guessed', () => {
    const { reports, counts } = readCapture([pcap(packets.slice(20))]);
    expect(reports).toEqual([]);
    expect(counts).toMatchObject({ connections_midstream: 1, associations: 0 });
  });

  test('a connection whose handshake was missed is read when its association was not', () => {
    for (const missed of [1, 2, 3])
      expect(readCapture([pcap(packets.slice(missed))]).reports.flatMap(factsOf)).toMatchObject([
        { ...stored, bytes: 60_000 }
      ]);
  });

  test('a hole within a data set loses nothing but is counted', () => {
    const large = [...conversation(storing({ objects: 1, objectBytes: 100_000, pduBytes: 120_000 }))];
    const hole = large.findIndex(({ bytes }) => bytes.length > 1500) + 20;
    const { reports, counts } = readCapture([pcap(large.toSpliced(hole, 2), {})]);
    expect(reports.flatMap(factsOf)).toMatchObject([{ ...stored, instances: 1, bytes: 100_000 }]);
    expect(counts).toMatchObject({ gaps: 1, gap_bytes: expect.any(Number), associations_incomplete: 0 });
  });

  test('a hole that hides a header hides the bytes, not the objects that were answered', () => {
    const long = [...conversation(storing({ objects: 40, objectBytes: 60_000 }), { stepMs: 5 })];
    // The request of an object is the first segment after a response: its header goes.
    const requests = long.flatMap(({ bytes }, i) => (bytes.includes('1.2.250.1.999.7') ? [i] : []));
    const { reports, counts } = readCapture([pcap(long.toSpliced(requests[0]!, 1))]);
    const [fact] = reports.flatMap(factsOf);
    expect(fact).toMatchObject({ instances: 40, failures: 0, status: 'success' });
    expect(fact).not.toHaveProperty('bytes');
    expect(counts).toMatchObject({ associations_incomplete: 1, streams_lost: 1, streams_found_again: 1 });
  });

  test('packets cut by the snap length are counted, and bytes of data sets stay exact', () => {
    const large = conversation(storing({ objects: 1, objectBytes: 400_000, pduBytes: 500_000 }));
    const { reports, counts } = readCapture([pcap(large, { snap: 400 })]);
    expect(counts.truncated_packets).toBeGreaterThan(200);
    expect(reports.flatMap(factsOf)).toMatchObject([{ instances: 1, bytes: 400_000, status: 'success' }]);
  });

  test('a port that is used again is another connection', () => {
    const one = [...conversation(storing(), { end: 'none' })];
    const again = [
      ...conversation(storing({ objects: 1 }), { sequence: 90_000, startedAt: one.at(-1)!.at + 10 })
    ];
    const { reports } = readCapture([pcap([...one, ...again])]);
    expect(reports.flatMap(factsOf)).toMatchObject([stored, { instances: 1 }]);
  });
});

describe('memory is bounded', () => {
  test('by idle time and by number of connections, and both are counted', () => {
    const open = (n: number, at: number) =>
      conversation(client(associateRequest('CT1', 'PACS', ct)), {
        client: { address: Buffer.from([10, 10, n >> 8, n & 255]), port: 50_000 },
        startedAt: at,
        end: 'none'
      });
    const start = Date.UTC(2026, 10, 24, 8);
    const crowd = Array.from({ length: 300 }, (_, n) => [...open(n, start + n)]).flat();
    const late = [...open(400, start + 3_700_000)];
    const { counts } = readCapture([pcap([...crowd, ...late])], { mostConnections: 100 });
    expect(counts.connections_evicted).toBe(200);
    expect(counts.connections_idle).toBe(100);
  });

  test('a stream that never pauses is in use, however many short connections pass by', () => {
    const start = Date.UTC(2026, 10, 24, 8);
    const steady = [
      ...conversation(storing({ objects: 100, objectBytes: 14_600 }), { startedAt: start, stepMs: 20 })
    ];
    const last = steady.at(-1)!.at;
    const short = Array.from({ length: 300 }, (_, n) => [
      ...conversation(client(associateRequest('CT2', 'PACS', ct)), {
        client: { address: Buffer.from([10, 11, n >> 8, n & 255]), port: 50_000 },
        startedAt: start + 500 + (n * (last - start - 1000)) / 300,
        end: 'none'
      })
    ]);
    const packets = [...steady, ...short.flat()].sort((a, b) => a.at - b.at);
    const { reports, counts } = readCapture([pcap(packets)], { mostConnections: 100 });
    expect(counts.connections_evicted).toBe(201);
    expect(reports.flatMap(factsOf).filter(({ calling_ae }) => calling_ae === 'CT1')).toMatchObject([
      { instances: 100, bytes: 1_460_000, status: 'success' }
    ]);
  });

  test('a long association is told in slices that add up', () => {
    const talk = storing({ objects: 100, objectBytes: 14_600 });
    const { reports } = readCapture([pcap(conversation(talk, { stepMs: 1000 }))], { sliceMs: 300_000 });
    const facts = reports.flatMap(factsOf);
    expect(facts.length).toBeGreaterThan(3);
    expect(facts.reduce((sum, { instances = 0 }) => sum + instances, 0)).toBe(100);
    expect(facts.reduce((sum, { bytes = 0 }) => sum + bytes, 0)).toBe(1_460_000);
    expect(new Set(facts.map(({ id }) => id)).size).toBe(facts.length);
    expect(facts.every(({ status }) => status === 'success')).toBe(true);
  });
});

test('the empty rest of a long association is no transfer of its own; how it ended badly is told of what it did', () => {
  const talk = [
    ...client(associateRequest('WS', 'PACS', ct, verification)),
    ...server(associateAccept(0, 0)),
    ...client(echoRequest(1, 3)),
    ...server(echoReply(1, 0, 3))
  ];
  // The slice ends with the reply of the C-ECHO.
  const facts = (rest: Said[], end: 'close' | 'none') => {
    const { reports } = readCapture([pcap(conversation([...talk, ...rest], { stepMs: 1000, end }))], {
      sliceMs: 8500
    });
    expect(reports).toHaveLength(2);
    return reports.flatMap(factsOf);
  };
  const echo = { service: 'C-ECHO', status: 'success' };
  const release = [...client(releaseRequest), ...server(releaseReply)];
  expect(facts(release, 'close')).toMatchObject([echo]);
  expect(facts([], 'none')).toMatchObject([echo]);
  expect(facts(client(abort(0, 0)), 'close')).toMatchObject([
    echo,
    { service: 'C-ECHO', status: 'aborted', reason: 'aborted-by-calling' }
  ]);
});

describe('associations', () => {
  const opening = [...client(associateRequest('CT1', 'PACS', ct)), ...server(associateAccept(0))];
  const object = Buffer.alloc(1000);
  const released = [...client(releaseRequest), ...server(releaseReply)];

  test.each([
    ['1/1/7', 'called-ae-not-recognized'],
    ['1/1/3', 'calling-ae-not-recognized'],
    ['2/3/2', 'local-limit-exceeded'],
    ['1/1/1', 'no-reason-given']
  ])('a rejection %s is told as %s', (code, reason) => {
    const [result = 0, source = 0, why = 0] = code.split('/').map(Number);
    const talk = [
      ...client(associateRequest('CT1', 'PACS', ct)),
      ...server(associateReject(result, source, why))
    ];
    expect(told(talk).facts).toMatchObject([
      { service: 'C-STORE', status: 'rejected', status_code: code, reason }
    ]);
  });

  test('an abort tells by whom, and the object that was not answered has failed', () => {
    const half = [
      ...opening,
      ...client(storeRequest(1, object)),
      ...server(storeReply(1, 0)),
      ...client(storeRequest(2, object))
    ];
    expect(told([...half, ...server(abort(2, 2))]).facts).toMatchObject([
      { status: 'aborted', reason: 'unexpected-pdu', status_code: '2/2', instances: 1, failures: 1 }
    ]);
    expect(told([...half, ...client(abort(0, 0))]).facts[0]).toMatchObject({ reason: 'aborted-by-calling' });
    expect(told(half, { end: 'reset' }).facts).toMatchObject([
      { status: 'aborted', reason: 'connection-lost' }
    ]);
    expect(told(half, { end: 'close' }).facts).toMatchObject([
      { status: 'aborted', reason: 'connection-lost' }
    ]);
  });

  test('a failing status gives its code and reason, a warning stays one', () => {
    const one = (status: number) =>
      told(storing({ objects: 4, status: (n) => (n === 2 ? status : 0) })).facts;
    expect(one(0xa700)).toMatchObject([{ status: 'failure', status_code: 'A700', reason: 'out-of-resources', instances: 3, failures: 1 }]); // prettier-ignore
    expect(one(0xb000)).toMatchObject([
      { status: 'warning', status_code: 'B000', instances: 4, failures: 0 }
    ]);
  });

  test('two services of one association are told apart, each with its own', () => {
    const talk = [
      ...client(associateRequest('CT1', 'PACS', verification, ct)),
      ...server(associateAccept(0, 0)),
      ...client(echoRequest(1)),
      ...server(echoReply(1)),
      ...client(storeRequest(2, object)),
      ...server(storeReply(2, 0)),
      ...released
    ];
    expect(told(talk).facts).toMatchObject([
      { service: 'C-ECHO', status: 'success' },
      { service: 'C-STORE', instances: 1, bytes: 1000 }
    ]);
  });

  test('objects that come back by C-GET are of the C-GET', () => {
    const get = '1.2.840.10008.5.1.4.1.2.2.3';
    const pending = { 0x0002: get, 0x0100: 0x8010, 0x0120: 9, 0x0900: 0xff00 };
    const talk = [
      ...client(associateRequest('WS', 'PACS', get, ct)),
      ...server(associateAccept(0, 0)),
      ...client(message(1, { 0x0002: get, 0x0100: 0x10, 0x0110: 9 }, Buffer.alloc(80))),
      ...server(storeRequest(1, object)),
      ...client(storeReply(1, 0)),
      ...server(message(1, pending), storeRequest(2, object)),
      ...client(storeReply(2, 0xa700)),
      ...server(message(1, { ...pending, 0x0900: 0xb000, 0x1021: 1, 0x1022: 1 })),
      ...released
    ];
    expect(told(talk).facts).toMatchObject([
      { service: 'C-GET', instances: 1, failures: 1, bytes: 2000, sop_class: ct, status: 'warning' }
    ]);
  });

  test('an association of which no class was accepted has failed', () => {
    const talk = [...client(associateRequest('CT1', 'PACS', ct)), ...server(associateAccept(3)), ...released];
    expect(told(talk).facts).toMatchObject([{ status: 'failure', reason: 'sop-class-not-supported' }]);
  });

  test('a command in several fragments and PDUs is one command', () => {
    const command = commandSet({ 0x0002: ct, 0x0100: 1, 0x0110: 1, 0x0800: 1 });
    const parts = [
      dataPdu(1, 1, command.subarray(0, 11)),
      dataPdu(1, 3, command.subarray(11)),
      dataPdu(1, 2, object)
    ];
    const talk = [...opening, ...client(...parts), ...server(storeReply(1, 0)), ...released];
    expect(told(talk).facts).toMatchObject([{ instances: 1, bytes: 1000, sop_class: ct }]);
  });

  test('what is not DICOM on a watched port is counted and left alone', () => {
    const { facts, counts } = told([
      ...client(Buffer.from('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03')),
      ...server(Buffer.alloc(3000))
    ]);
    expect(facts).toEqual([]);
    expect(counts).toMatchObject({ connections_not_dicom: 1, connections_midstream: 0 });
  });

  test('nothing of a patient leaves the decoder', () => {
    const { reports, facts } = told(storing());
    const all = JSON.stringify([reports, facts], (_, value: unknown) =>
      value instanceof Map ? [...value] : value
    );
    expect(all).not.toContain('SECRET');
    // Instance UIDs are in the command set, and stay there.
    expect(all).not.toContain('1.2.250.1.999.1');
  });
});
