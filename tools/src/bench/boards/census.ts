import type { TestEngine } from '../../testkit/engine.ts';

/** Systems asked, and how many of a thousand studies each lacks. */
const archives = [['deepunity', 0], ['vna', 1], ['pulsy', 4]] as const; // prettier-ignore

/**
 * Censuses of the PACS, VNA and external archive over everything that was filled, as pulls would have told them: the bench runs
 * none. A few studies are missing from the copies, and a few were never ordered.
 */
export async function censusOfYear(engine: TestEngine, progress: (sentence: string) => void): Promise<void> {
  const run = (query: string) =>
    engine.writer.command({ query, clickhouse_settings: { insert_deduplicate: 0 } });
  const months = await engine.rows<{ month: number }>(
    'SELECT DISTINCT toYYYYMM(day) AS month FROM ops.exam ORDER BY month'
  );
  const place = "'ops' AS lane, 'bench' AS collector";
  for (const { month } of months) {
    for (const [system, lacks] of archives)
      await run(`INSERT INTO ops.census_study (lane, collector, seq, block, received_at, source, site, establishment, decoder, retention,
          occurred_at, system, study_date, modality, study, accession, instances, state)
        SELECT ${place}, 10000000 + cityHash64(study) % 1000000000, 1, at, '${system}', site, establishment, 'bench', 'ops', at, '${system}', day, modality, study,
          if(cityHash64(study, 'number') % 1000 < 2, concat('?', accession), accession), 20, 'seen'
        FROM (SELECT *, assumeNotNull(ended_at) + INTERVAL 1 HOUR AS at FROM ops.exam FINAL WHERE toYYYYMM(day) = ${month} AND outcome = 'done' AND study != '')
        WHERE cityHash64(study, '${system}') % 1000 >= ${lacks}`);
    await run(`INSERT INTO ops.census (lane, collector, seq, block, received_at, source, decoder, retention, occurred_at, system, study_date, grain, studies, complete)
      SELECT ${place}, 10000000 + toUInt64(day), 1, toDateTime64(day + 1, 3, 'UTC') AS at, one, 'bench', 'ops', at, one, day, 'day', 1, 1
      FROM (SELECT DISTINCT day FROM ops.exam WHERE toYYYYMM(day) = ${month}) ARRAY JOIN [${archives.map(([system]) => `'${system}'`).join(', ')}] AS one`);
  }
  progress('boards: censuses of three archives told for each day');
}
