import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FingerprintPacker, fingerprintsOf } from './fingerprints.ts';
import { readPlan, storedPlan, type Plan } from './plan.ts';

const fingerprint = fc.uint8Array({ minLength: 17, maxLength: 17 }).map((bytes) => Buffer.from(bytes));
const entries = fc.array(fc.tuple(fc.constantFrom('20261124', '20261125'), fingerprint, fc.maxSafeNat()), {
  maxLength: 3000
});

const told = (packed: Plan['fingerprints']) =>
  [...fingerprintsOf(packed)].map(({ day, fingerprint: bytes, value }) => [
    day,
    bytes.toString('hex'),
    value.readDoubleBE()
  ]);

test('fingerprints come back by day, in the order in which they were added', () => {
  fc.assert(
    fc.property(entries, (list) => {
      const packer = new FingerprintPacker();
      for (const [day, bytes, seq] of list) packer.add(day, bytes, seq);
      const days = [...new Set(list.map(([day]) => day))];
      const expected = days.flatMap((wanted) =>
        list.filter(([day]) => day === wanted).map(([day, bytes, seq]) => [day, bytes.toString('hex'), seq])
      );
      expect(told(packer.packed())).toEqual(expected);
    }),
    { numRuns: 20 }
  );
});

test('a fingerprint is found under its first sequence, and none that was not added', () => {
  const few = fc.array(fc.tuple(fingerprint, fc.maxSafeNat()), { maxLength: 3000 });
  fc.assert(
    fc.property(few, fingerprint, (list, other) => {
      const packer = new FingerprintPacker();
      const first = new Map<string, number>();
      for (const [bytes, seq] of list) {
        expect(packer.find(bytes)).toBe(first.get(bytes.toString('hex')));
        if (first.has(bytes.toString('hex'))) continue;
        first.set(bytes.toString('hex'), seq);
        packer.add('20261124', bytes, seq);
      }
      for (const one of [other, ...list.map(([bytes]) => bytes)])
        expect(packer.find(one)).toBe(first.get(one.toString('hex')));
    }),
    { numRuns: 20 }
  );
});

const bytes = Buffer.alloc(17, 7);
const plan: Plan = {
  lane: 'audit',
  first: 1,
  last: 2,
  records: 2,
  spoolBytes: 10,
  inserts: [
    { table: 'audit.event', rows: 2, body: Buffer.from('abcd'), token: 't', offsets: [0, 2, 4], done: false }
  ],
  fingerprints: [],
  identities: [],
  previous: '',
  head: '',
  counts: {},
  from: 0,
  to: 0
};

test('a plan is read as it was stored, and as an earlier version stored it', () => {
  const packer = new FingerprintPacker();
  packer.add('20261124', bytes, 5);
  const now = readPlan(storedPlan({ ...plan, fingerprints: packer.packed() }));
  const before = readPlan({ ...plan, fingerprints: [['20261124', bytes, 5]] });
  for (const read of [now, before]) {
    expect(Array.from(read.inserts[0]?.offsets ?? [])).toEqual([0, 2, 4]);
    expect(read.inserts[0]?.body.toString()).toBe('abcd');
    expect(told(read.fingerprints)).toEqual([['20261124', bytes.toString('hex'), 5]]);
  }
});
