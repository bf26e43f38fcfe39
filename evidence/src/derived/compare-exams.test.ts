import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareExams, parts, type Received } from './compare-exams.ts';
import { asker } from './compare.ts';
import { derivedTables, type Derived } from './views.ts';

let engine: TestEngine;
let exams: Derived;
const told = (seq: number, accession: string, milestone: string, at: string, more: object = {}) => ({
  lane: 'ops', collector: 'c1', seq, sub: 0, received_at: at, occurred_at: at, retention: 'ops', source: 'ris', site: 'troyes',
  establishment: 'ch-troyes', milestone, accession, ...more
}); // prettier-ignore

beforeAll(async () => {
  engine = await startTestEngine();
  await engine.writer.insert({
    table: 'ops.exam_event',
    format: 'JSONEachRow',
    values: [
      told(1, 'A', 'ended', '2026-01-05T10:00:00Z'),
      told(2, 'A', 'signed', '2026-03-20T11:00:00Z'),
      told(3, 'B', 'scheduled', '2026-03-02T12:00:00Z', { appointment_at: '2026-06-30T22:30:00Z' }),
      // Of Paris the next day already.
      told(4, 'C', 'ended', '2026-05-11T22:30:00Z')
    ]
  });
  const found = (await derivedTables(engine.reader)).find(({ whole }) => whole);
  if (!found) throw new Error('no table of whole exams');
  exams = found;
});
afterAll(() => engine?.stop());

const compare = (received?: Received, after = '1970-01-01') => {
  const { signal } = new AbortController();
  const way = { ask: asker(engine.reader, signal), pauseMs: 0, signal };
  return compareExams(engine.reader, exams, { received, after }, way);
};
const between = (from: string, to: string) => ({ from: Date.parse(from), to: Date.parse(to) });
const change = (query: string) =>
  engine.writer.command({ query, clickhouse_settings: { mutations_sync: '2' } });

test('exams of a year are what their messages come to, over all and over any period', async () => {
  expect(await engine.rows('SELECT accession, toString(day) AS day FROM ops.exam FINAL ORDER BY 1')).toEqual([
    { accession: 'A', day: '2026-01-05' },
    { accession: 'B', day: '2026-07-01' },
    { accession: 'C', day: '2026-05-12' }
  ]);
  expect(await compare()).toEqual([]);
  expect(await compare(between('2026-01-01', '2026-12-01'))).toEqual([]);
  expect(await compare(between('2027-01-01', '2027-12-01'))).toEqual([]);
});

test('an exam that was altered is found from any of its messages, on its own day', async () => {
  await change(`ALTER TABLE ops.exam UPDATE room = 'X' WHERE accession = 'A'`);
  const difference = [{ day: '2026-01-05', stored: 1, expected: 1 }];
  expect(await compare()).toEqual(difference);
  expect(await compare(between('2026-03-10', '2026-03-21'))).toEqual(difference);
  expect(await compare(between('2026-01-01', '2026-12-01'))).toEqual(difference);
  expect(await compare(between('2026-05-01', '2026-06-01'))).toEqual([]);
  expect(await compare(undefined, '2026-01-05')).toEqual([]);
  await change(`ALTER TABLE ops.exam UPDATE room = '' WHERE accession = 'A'`);
});

test('an exam of which no message tells is found, and one that was moved to another day', async () => {
  await engine.writer.command({
    query: `INSERT INTO ops.exam (day, site, accession, version) VALUES ('2031-02-03', 'troyes', 'Z', now64(9))`
  });
  expect(await compare()).toEqual([{ day: '2031-02-03', stored: 1, expected: 0 }]);
  await change(`ALTER TABLE ops.exam DELETE WHERE accession IN ('Z', 'C')`);
  await engine.writer.command({
    query: `INSERT INTO ops.exam (day, site, accession, version) VALUES ('2026-05-20', 'troyes', 'C', now64(9))`
  });
  const moved = [
    { day: '2026-05-12', stored: 0, expected: 1 },
    { day: '2026-05-20', stored: 1, expected: 0 }
  ];
  expect(await compare()).toEqual(moved);
  expect(await compare(between('2026-05-01', '2026-06-01'))).toEqual(moved);
});

test('a question is about 31 days at most, fewer where many messages tell of them, and every day is asked about once', () => {
  const days = (count: number, messages: number) =>
    Array.from({ length: count }, (_, i) => ({ day: String(i), messages }));
  expect(parts(days(64, 1000)).map(({ length }) => length)).toEqual([31, 31, 2]);
  expect(parts(days(7, 900_000)).map(({ length }) => length)).toEqual([2, 2, 2, 1]);
  expect(parts(days(3, 9_000_000))).toEqual([['0'], ['1'], ['2']]);
  expect(parts(days(64, 70_000)).flat()).toEqual(days(64, 1).map(({ day }) => day));
  expect(parts([])).toEqual([]);
});
