import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TransferRecord } from '@vigie/schemas/facts/transfer';
import { TransferRecord as Record } from '@vigie/schemas/facts/transfer';
import { expect, test } from 'vitest';
import { factsOf } from './report/facts.ts';
import { readCapture } from './testkit.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/dicom-capture');
/** Captures of a longer drive, where the machine has them beside the repository. */
const shared = join(import.meta.dirname, '../../../../shared/peers/captures/dicom-small');

const read = (file: string) => {
  const bytes = readFileSync(file);
  const capture = readCapture([bytes], { ports: undefined });
  return { ...capture, facts: capture.reports.flatMap(factsOf) };
};
const line = ({
  calling_ae,
  called_ae,
  service,
  status,
  instances,
  failures,
  bytes,
  status_code,
  reason
}: TransferRecord) =>
  [`${calling_ae}>${called_ae}`, service, status, instances, failures, bytes, status_code, reason]
    .map((part) => part ?? '-')
    .join(' ');

test('the capture of a DCMTK drive is told to the byte', () => {
  const { facts, counts } = read(join(fixtures, 'dcmtk.pcap'));
  expect(facts.map(line).toSorted()).toEqual(
    readFileSync(join(fixtures, 'dcmtk.txt'), 'utf8').trim().split('\n')
  );
  expect(counts).toMatchObject({ gaps: 0, streams_lost: 0, connections_refused: 0 });
});

test('the capture of dcmjs-dimse is told to the byte: commitment and procedure steps among it', () => {
  const { facts } = read(join(fixtures, 'dcmjs.pcap'));
  expect(facts.map(line).toSorted()).toEqual(
    readFileSync(join(fixtures, 'dcmjs.txt'), 'utf8').trim().split('\n')
  );
});

test('every fact fits the contract, and none holds a name, an identifier or an instance', () => {
  for (const name of ['dcmtk.pcap', 'dcmjs.pcap']) {
    const { facts } = read(join(fixtures, name));
    for (const fact of facts) expect(Record.parse(fact)).toEqual(fact);
    expect(JSON.stringify(facts)).not.toMatch(/TEST|Patient|P000262|2\.25\.|1\.2\.250\.1\.999\.78/);
  }
});

interface Truth {
  readonly op: string;
  readonly calling: string;
  readonly called: string;
  readonly objects: number;
  readonly datasetBytes: number;
}

if (existsSync(shared))
  test('the drive of 61 associations equals its truth: objects and bytes of every pair, every operation, every failure', () => {
    const { facts, counts } = read(join(shared, 'dicom.pcap'));
    const truth = readFileSync(join(shared, 'truth.jsonl'), 'utf8').trim().split('\n').map((text) => JSON.parse(text) as Truth); // prettier-ignore
    const sums = (rows: readonly { pair: string; objects: number; bytes: number }[]) => {
      const found: { [pair: string]: [associations: number, objects: number, bytes: number] } = {};
      for (const { pair, objects, bytes } of rows) {
        const sum = (found[pair] ??= [0, 0, 0]);
        sum[0] += 1;
        sum[1] += objects;
        sum[2] += bytes;
      }
      return found;
    };
    const archived = (pair: string) => !/^(PACS1|QR2)>WS1$|^PACS1>QR2$/.test(pair);
    const stored = facts.filter(({ service, status }) => service === 'C-STORE' && status === 'success');
    expect(
      sums(
        stored
          .map((one) => ({
            pair: `${one.calling_ae}>${one.called_ae}`,
            objects: one.instances ?? 0,
            bytes: one.bytes ?? 0
          }))
          .filter(({ pair }) => archived(pair))
      )
    ).toEqual(
      sums(
        truth
          .filter(({ op }) => op === 'C-STORE' || op === 'C-STORE-AGAIN')
          .map((one) => ({
            pair: `${one.calling}>${one.called}`,
            objects: one.objects,
            bytes: one.datasetBytes
          }))
      )
    );
    const of = (op: RegExp) => truth.filter((one) => op.test(one.op));
    const good = (service: string) =>
      facts.filter((one) => one.service === service && one.status === 'success');
    expect(good('C-ECHO')).toHaveLength(of(/^C-ECHO$/).length);
    expect(good('C-FIND')).toHaveLength(of(/^C-FIND$/).length);
    // What was moved comes to its destination by associations of the archive's own.
    const moved = of(/^C-MOVE$/);
    const total = (rows: readonly Truth[]) => rows.reduce((sum, one) => sum + one.datasetBytes, 0);
    expect(good('C-MOVE')).toHaveLength(moved.length);
    expect(good('C-MOVE').reduce((sum, { instances = 0 }) => sum + instances, 0)).toBe(moved.reduce((sum, { objects }) => sum + objects, 0)); // prettier-ignore
    const sent = stored.filter((one) => !archived(`${one.calling_ae}>${one.called_ae}`));
    expect(sent.reduce((sum, { bytes = 0 }) => sum + bytes, 0)).toBe(
      total([...moved, ...of(/^REST-STORE$/)])
    );
    const got = of(/^C-GET$/);
    expect(good('C-GET').reduce((sum, { bytes = 0 }) => sum + bytes, 0)).toBe(total(got));
    expect(facts.filter(({ status }) => status !== 'success').map(line)).toEqual([
      'CT1_STJ>NOBODY C-ECHO rejected - - - 1/1/7 called-ae-not-recognized',
      'INTRUDER>PACS1 C-FIND aborted - - - 0/0 aborted-by-called',
      'WS1>PACS1 C-MOVE failure 0 0 - C000 cannot-process',
      'WS1>PACS1 C-MOVE failure 0 0 - C000 cannot-process',
      'MR1_EAST>PACS1 C-ECHO aborted - - - 0/0 aborted-by-calling',
      'CT1_STJ>PACS1 C-STORE aborted - - - 0/0 aborted-by-calling',
      'CT1_STJ>PACS1 C-STORE failure 0 1 2564 A700 out-of-resources',
      // Cut midway, seen on both sides of the proxy that cut it.
      'CT1_STJ>PACS1 C-STORE aborted 0 1 140117 - connection-lost',
      'CT1_STJ>PACS1 C-STORE aborted 0 1 400558 - connection-lost'
    ]);
    expect(counts).toMatchObject({ gaps: 0, associations_incomplete: 0, associations: 61 });
  });
