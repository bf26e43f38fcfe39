import { expect, test } from 'vitest';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { migrate, readMigrations } from './migrate.ts';

let seq = 0;
const told = (at: string) => ({
  lane: 'ops', collector: 'c1', seq: ++seq, sub: 0, block: 1, source: 'x', decoder: 't', retention: 'ops', site: 'troyes',
  establishment: 'ch-troyes', received_at: at, occurred_at: at
}); // prettier-ignore

/** Two days: steps told again, a report of AI among images sent twice, a copy that lacks a study. */
async function fill(engine: TestEngine): Promise<void> {
  seq = 0;
  const into = (table: string, values: readonly object[]) =>
    engine.writer.insert({ table, values, format: 'JSONEachRow' });
  for (const [n, day] of ['2026-11-22', '2026-11-23'].entries()) {
    const at = (clock: string) => `${day}T${clock}:00Z`;
    const exam = { milestone: 'ended', accession: `A${n}`, study: `1.${n}`, modality: 'CT' };
    await into('ops.exam_event', [
      { ...told(at('09:00')), ...exam, step: 'a', instances: 7, told_at: at('09:02') },
      { ...told(at('09:01')), ...exam, step: 'a', instances: 4, told_at: at('09:01') },
      { ...told(at('09:02')), ...exam, step: 'b', instances: 5 }
    ]);
    const stored = { observer: 'p', authoritative: 1, service: 'C-STORE', to_system: 'deepunity', study: `1.${n}`, status: 'success', bytes: 100 }; // prettier-ignore
    await into('ops.transfer', [
      { ...told(at('09:05')), ...stored, from_system: 'ct-1', modality: 'CT', instances: 12 },
      { ...told(at('09:06')), ...stored, calling_ae: 'WS', modality: 'CT', instances: 12 },
      { ...told(at('09:09')), ...stored, from_system: 'ia', modality: 'SR', instances: 1 }
    ]);
    const asked = { establishment: '', study_date: day, grain: 'day', studies: 1, complete: 1 };
    await into('ops.census', [
      { ...told(at('14:00')), ...asked, system: 'deepunity' },
      { ...told(at('14:00')), ...asked, system: 'vna', complete: n }
    ]);
    const seen = { study_date: day, modality: 'CT', study: `1.${n}`, accession: `A${n}`, instances: 12, state: 'seen' }; // prettier-ignore
    await into('ops.census_study', [{ ...told(at('14:00')), ...seen, system: 'deepunity' }]);
  }
}

/** What is made of those facts, without the time it was made at. */
const made = async (engine: TestEngine) => ({
  stored: await engine.rows('SELECT day, to_system, study_key, sender, image, max(stored_at) AS at, sum(s.instances) AS n, sum(s.bytes) AS b FROM ops.study_stored AS s GROUP BY ALL ORDER BY ALL'),
  announced: await engine.rows('SELECT day, study_key, step_key, argMaxMerge(a.instances) AS n FROM ops.study_announced AS a GROUP BY ALL ORDER BY ALL'),
  arrival: await engine.rows('SELECT * EXCEPT (made_at) FROM ops.arrival_day FINAL WHERE notEmpty(cell.site) ORDER BY day'),
  compared: await engine.rows('SELECT * EXCEPT (made_at) FROM ops.census_compared FINAL ORDER BY day'),
  exams: await engine.rows('SELECT * EXCEPT (made_at) FROM ops.exam_compared FINAL ORDER BY day'),
  complete: await engine.rows('SELECT * EXCEPT (made_at) FROM ops.completeness_day FINAL ORDER BY day')
}); // prettier-ignore

test('what an earlier version stored is made into days as if this one had taken it in', async () => {
  const [before, fresh] = [await startTestEngine({ migrate: false }), await startTestEngine()];
  try {
    const ours = readMigrations().findIndex(({ name }) => name === 'images-announced');
    await migrate(before.writer, { migrations: readMigrations().slice(0, ours) });
    await fill(before);
    await migrate(before.writer);
    await fill(fresh);
    const upgraded = await made(before);
    expect(upgraded).toEqual(await made(fresh));
    expect(upgraded.announced.map((row) => (row as { n: number }).n).toSorted()).toEqual([5, 5, 7, 7]);
    expect(upgraded.stored).toHaveLength(6);
    expect(upgraded.arrival).toMatchObject([{ 'cell.after': [[[180_000]]] }, {}]);
    expect(upgraded.complete).toMatchObject([{ 'cell.told': [12], 'cell.kept': [12] }, {}]);
    expect(upgraded.compared).toHaveLength(2);
  } finally {
    await before.stop();
    await fresh.stop();
  }
}, 180_000);
