import { expect, test } from 'vitest';
import { shippedWorld } from '../testkit.ts';
import { examsOf } from './exam.ts';
import { holdingsOf } from './holdings.ts';
import { addDays, clock } from './paris.ts';

const world = shippedWorld();
const days = Array.from({ length: 40 }, (_, i) => addDays('2026-11-20', -i));
const late = clock('2026-12-24', 600);
const at = (system: string, day: string, now = late) =>
  new Map(holdingsOf(world, system, day, now).map((one) => [one.study, one]));

test('the archives hold nearly the same studies: a few copies are missing, a few deletions were missed', () => {
  const seen = { both: 0, missing: 0, missed: 0, fewer: 0 };
  for (const day of days) {
    const [pacs, vna, archive] = [at('deepunity', day), at('vna', day), at('pulsy', day)];
    for (const [study, { instances }] of pacs) {
      if (vna.has(study) && archive.has(study)) seen.both++;
      else seen.missing++;
      if ((archive.get(study)?.instances ?? instances) < instances) seen.fewer++;
    }
    seen.missed += [...archive.keys()].filter((study) => !pacs.has(study)).length;
  }
  expect(seen.both).toBeGreaterThan(8000);
  expect(seen.missing).toBeGreaterThan(10);
  expect(seen.missing).toBeLessThan(seen.both * 0.03);
  expect(seen.missed).toBeGreaterThan(0);
  expect(seen.missed).toBeLessThan(30);
  expect(seen.fewer).toBeGreaterThan(5);
});

test('the PACS holds studies without an order and with a mistyped number, and copies come later', () => {
  const accessions = new Set(days.flatMap((day) => examsOf(world, day).map((exam) => exam.accession)));
  const held = days.flatMap((day) => [...at('deepunity', day).values()]);
  const unknown = held.filter((one) => !accessions.has(one.accession));
  expect(unknown.filter((one) => one.accession === '').length).toBeGreaterThan(10);
  expect(unknown.filter((one) => one.accession.endsWith('X')).length).toBeGreaterThan(10);
  const noon = clock('2026-11-19', 720);
  expect(at('pulsy', '2026-11-19', noon).size).toBeLessThan(at('deepunity', '2026-11-19', noon).size);
  expect(at('ris', '2026-11-19').size).toBe(0);
});
