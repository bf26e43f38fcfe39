import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { formats, transports, type Reception } from '../reception.ts';
import { decodeBatch, encodeBatch } from './record.ts';
import { Spool, type SpoolLimits } from './spool.ts';

let folder: string;
let shared: SharedArrayBuffer;
const opened: Spool[] = [];
const limits: SpoolLimits = { maxBytes: 100_000, reserveBytes: 0 };
const open = (told = limits) => {
  shared = new SharedArrayBuffer(24);
  const spool = new Spool(folder, told, shared, () => undefined);
  opened.push(spool);
  return spool;
};
const durable = () => [...new Float64Array(shared)];
const reception = (raw: string, format: Reception['format'] = 'syslog'): Reception => ({
  raw: Buffer.from(raw),
  format,
  transport: 'tcp',
  peer: '10.0.0.1',
  source: '',
  receivedAt: 1764000000000
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigie-spool-'));
});
afterEach(async () => {
  for (const spool of opened.splice(0)) if (!spool.closed) await spool.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a batch reads back as it was written, whatever it holds', () => {
  const text = fc.string({ unit: 'binary', maxLength: 20 });
  const any = fc.record(
    {
      raw: fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
      format: fc.constantFrom(...formats),
      transport: fc.constantFrom(...transports),
      peer: text,
      source: text,
      receivedAt: fc.maxSafeNat(),
      oversize: fc.record({ bytes: fc.maxSafeNat(), sha256: fc.constant('ab'.repeat(32)) })
    },
    { requiredKeys: ['raw', 'format', 'transport', 'peer', 'source', 'receivedAt'] }
  );
  fc.assert(
    fc.property(fc.array(any, { maxLength: 5 }), (receptions) => {
      expect(decodeBatch(encodeBatch(receptions))).toEqual(receptions.map((one) => ({ ...one })));
    })
  );
});

test('what an earlier version spooled is read as what it was: formats and transports keep their places', () => {
  const released =
    'syslog audit-xml hl7 json-audit json-transfers json-exams json-storage json-volumes json-probes orthanc prometheus probe signal own-audit fhir-json fhir-xml fhir-refused json-usage access-log json-census census json-mpps';
  expect(formats.slice(0, 22).join(' ')).toBe(released);
  expect(transports.slice(0, 8).join(' ')).toBe('tcp tls udp http mllp pull probe self');
});

test('each lane counts for itself, and answers come in the order of the receptions', async () => {
  const spool = open();
  expect(await spool.append([reception('a'), reception('b', 'hl7'), reception('c')])).toEqual([
    { lane: 'audit', seq: 1 },
    { lane: 'ops', seq: 1 },
    { lane: 'audit', seq: 2 }
  ]);
  expect(await spool.append([reception('d', 'own-audit'), reception('e')])).toEqual([
    { lane: 'own', seq: 1 },
    { lane: 'audit', seq: 3 }
  ]);
  expect(durable()).toEqual([4, 2, 2]);
});

test('many appends at once: an answer means that all before it are on disk too', async () => {
  const spool = open({ ...limits, maxBytes: 1e9 });
  const answered: number[] = [];
  await Promise.all(
    Array.from({ length: 300 }, async (_, i) => {
      if (i % 7 === 0) await new Promise(setImmediate);
      const [place] = await spool.append([reception(`${i}`.repeat(i))]);
      answered.push(place?.seq ?? 0);
      expect(durable()[0]).toBeGreaterThan(place?.seq ?? 0);
    })
  );
  expect(answered).toEqual([...answered].toSorted((a, b) => a - b));
});

test('after a restart sequences go on where they were, and a puller where it stood', async () => {
  const first = open();
  await first.append([reception('a'), reception('b')]);
  await first.append([reception('c', 'orthanc')], { cursor: { id: 'orthanc', value: '17' } });
  await first.append([], { cursor: { id: 'idle', value: '3' } });
  await first.append([reception('d', 'probe'), reception('e')], { cursor: { id: 'both', value: '5' } });
  await first.close();
  const second = open();
  expect(second.cursor('orthanc')).toBe('17');
  expect([second.cursor('idle'), second.cursor('both')]).toEqual(['3', '5']);
  expect(second.cursor('never')).toBeUndefined();
  expect(await second.append([reception('f')])).toEqual([{ lane: 'audit', seq: 4 }]);
});

test('beyond its bound it takes nothing, says so, and takes again once something was stored', async () => {
  const spool = open({ maxBytes: 1000, reserveBytes: 0 });
  await spool.append([reception('x'.repeat(1500))]);
  expect(spool.pressure).toBe(true);
  await expect(spool.append([reception('y')])).rejects.toMatchObject({ code: 'spool-full' });
  let room = false;
  const waiting = spool.room().then(() => (room = true));
  await new Promise(setImmediate);
  expect(room).toBe(false);
  expect(spool.waiting('audit').records).toBe(1);
  spool.drained('audit', spool.waitingBytes, 1);
  expect(spool.waiting('audit').records).toBe(0);
  await waiting;
  expect(await spool.append([reception('y')])).toEqual([{ lane: 'audit', seq: 2 }]);
});

test('a disk without the room to spare stops it as well', async () => {
  const spool = open({ maxBytes: 1e9, reserveBytes: Number.MAX_SAFE_INTEGER });
  await spool.checkDisk();
  await expect(spool.append([reception('y')])).rejects.toMatchObject({ code: 'spool-full' });
});
