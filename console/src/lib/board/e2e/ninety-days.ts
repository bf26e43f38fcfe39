import type { ClickHouseClient } from '@vigie/store';

const head = `'ops' AS lane, 'c1' AS collector, number AS seq, toUInt16(0) AS sub, intDiv(number, 1000) * 1000 AS block`;
const columns =
  'lane, collector, seq, sub, block, received_at, source, site, establishment, decoder, retention, occurred_at';
/** How busy an hour is, of 100: a hospital's week. */
const busy = (at: string) =>
  `multiIf(toDayOfWeek(${at}, 0, 'Europe/Paris') = 7, 8, toDayOfWeek(${at}, 0, 'Europe/Paris') = 6, 25, toHour(${at}, 'Europe/Paris') BETWEEN 8 AND 18, 100, toHour(${at}, 'Europe/Paris') BETWEEN 6 AND 21, 40, 7)`;
const establishment = `transform(site, ['troyes', 'hpa', 'gham'], ['ch-troyes', 'hpa', 'gham'], '')`;

/** About 500,000 transfers, 500,000 exam events and 780,000 checks over the 90 days before `now`, made by the engine. */
export async function insertNinetyDays(writer: ClickHouseClient, now: Date): Promise<void> {
  const start = `toDateTime64(${(now.getTime() - 90 * 86_400_000) / 1000}, 3, 'UTC')`;
  for (const query of [transfers(start), exams(start), checks(start), samples(start), volumes(start)])
    await writer.command({
      query,
      // Half a million rows as one block, as the writer pins it, would take more than the engine has.
      clickhouse_settings: { max_partitions_per_insert_block: '1000', min_insert_block_size_rows: '65536' }
    });
}

const transfers = (start: string) => `
  INSERT INTO ops.transfer (${columns}, observer, authoritative, grain, service, calling_ae, called_ae, from_system, to_system, peer, modality, study, instances, failures, bytes, duration_ms, status, status_code, reason)
  SELECT ${head}, at, 'deepunity', site, ${establishment}, 'test@1', 'ops', at, 'deepunity', 1, 'association', 'C-STORE', ae, 'DEEPUNITY', from_system, 'deepunity', '', modality, toString(number),
    120, if(failed, 4, 0), if(failed, NULL, size), toUInt32(size / 20000), if(failed, 'failure', 'success'), if(failed, 'A700', '0000'), if(failed, arrayElement(['timeout', 'out-of-resources', 'aborted'], 1 + number % 3), '')
  FROM (
    SELECT number, ${start} + toIntervalMillisecond(number * 6000) AS at,
      ['TRO_CT1', 'TRO_CT2', 'TRO_MR1', 'TRO_DX1', 'TRO_DX2', 'TRO_US1', 'TRO_MG1', 'HPA_CT1', 'HPA_MR1', 'HPA_DX1', 'HPA_US1', 'GHAM_CT1', 'GHAM_DX1', 'GHAM_US1'] AS aes,
      ['troyes-ct-1', 'troyes-ct-2', 'troyes-mr-1', 'troyes-dx-1', 'troyes-dx-2', 'troyes-us-1', 'troyes-mg-1', 'hpa-ct-1', 'hpa-mr-1', 'hpa-dx-1', 'hpa-us-1', 'gham-ct-1', 'gham-dx-1', 'gham-us-1'] AS ids,
      1 + cityHash64(number) % 14 AS one, aes[one] AS ae, ids[one] AS from_system, splitByChar('-', from_system)[1] AS site, upper(splitByChar('-', from_system)[2]) AS modality,
      cityHash64(number, 'f') % 90 = 0 AS failed,
      transform(modality, ['CT', 'MR', 'DX', 'US', 'MG'], [90000000, 60000000, 12000000, 30000000, 50000000], 10000000) AS size
    FROM numbers(1296000)
  )
  WHERE cityHash64(number, 'b') % 100 < ${busy('at')} AND NOT (from_system = 'gham-us-1' AND at > ${start} + INTERVAL 2159 HOUR - INTERVAL 30 HOUR)`;

const exams = (start: string) => `
  INSERT INTO ops.exam_event (${columns}, milestone, accession, study, room, modality, priority, patient_class, actor_site)
  SELECT ${head}, told, 'ris', site, ${establishment}, 'test@1', 'ops', told, step.1, concat('A', toString(number)), '', '', modality, 'routine',
    arrayElement(['outpatient', 'outpatient', 'inpatient', 'emergency'], 1 + number % 4),
    if(step.1 != 'signed', '', if(cityHash64(number, 'r') % 5 = 0, 'troyes', site))
  FROM (
    SELECT number, ${start} + toIntervalMillisecond(number * 32400) AS at,
      ['troyes', 'troyes', 'troyes', 'hpa', 'hpa', 'gham'][1 + cityHash64(number) % 6] AS site,
      ['CT', 'MR', 'DX', 'DX', 'DX', 'US', 'MG', 'XA'][1 + cityHash64(number, 'm') % 8] AS modality,
      arrayJoin([('ordered', -3 * 86400), ('scheduled', -2 * 86400), ('started', -900), ('ended', 0), ('signed', 3600 + toInt32(cityHash64(number, 's') % 30000))]) AS step,
      at + toIntervalSecond(step.2) AS told
    FROM numbers(240000)
    WHERE cityHash64(number, 'b') % 100 < ${busy('at')}
  )
  WHERE told < ${start} + INTERVAL 90 DAY`;

const checks = (start: string) => `
  INSERT INTO ops.probe_result (${columns}, system, probe, kind, success, latency_ms, detail)
  SELECT ${head}, at, 'vigie', '', '', 'test@1', 'ops', at, splitByChar('-', probe)[1], probe, 'c-echo', NOT down, if(down, NULL, 12), if(down, 'timeout', 'ok')
  FROM (
    SELECT number, ${start} + toIntervalSecond(intDiv(number, 6) * 60 + 7) AS at,
      ['deepunity-echo', 'vna-echo', 'pulsy-echo', 'ris-http', 'viewer-http', 'emage-http'][1 + number % 6] AS probe,
      intDiv(number, 6) AS minute,
      (probe = 'emage-http' AND minute % 20000 BETWEEN 14000 AND 14234) OR (probe = 'viewer-http' AND minute % 17000 BETWEEN 9000 AND 9040) AS down
    FROM numbers(777600)
  )
  WHERE NOT (probe = 'ris-http' AND minute % 25000 BETWEEN 3000 AND 3600)`;

const samples = (start: string) => `
  INSERT INTO ops.storage_sample (${columns}, system, pool, tier, capacity, used)
  SELECT ${head}, at, system, '', '', 'test@1', 'ops', at, system, pool, tier, capacity, toUInt64(first + daily * day + 4e10 * sin(day))
  FROM (
    SELECT number, intDiv(number, 4) * 300 / 86400 AS day, ${start} + toIntervalSecond(intDiv(number, 4) * 300) AS at, 1 + number % 4 AS one,
      ['deepunity', 'deepunity', 'vna', 'pulsy'][one] AS system, ['ON-1', 'NL-1', 'VNA-1', 'PULSY-A'][one] AS pool, ['online', 'nearline', 'nearline', 'archive'][one] AS tier,
      [60e12, 120e12, 150e12, 400e12][one] AS capacity, [30e12, 96e12, 70e12, 180e12][one] AS first, [8e10, 1.1e11, 1.5e11, 1.5e11][one] AS daily
    FROM numbers(103680)
  )`;

const volumes = (start: string) => `
  INSERT INTO ops.study_volume (${columns}, system, pool, tier, study, modality, bytes, instances, reason)
  SELECT ${head}, at, system, site, ${establishment}, 'test@1', 'ops', at, system, '', tier, toString(number), 'CT', if(number < 12, toInt64(9e12), toInt64(9e7)), 100, if(number < 12, 'census', 'stored')
  FROM (
    SELECT number, ${start} + toIntervalSecond(if(number < 12, 0, number * 38)) AS at,
      ['deepunity', 'deepunity', 'vna', 'pulsy'][1 + number % 4] AS system, ['online', 'nearline', 'nearline', 'archive'][1 + number % 4] AS tier,
      ['troyes', 'hpa', 'gham'][1 + intDiv(number, 4) % 3] AS site
    FROM numbers(200000)
  )`;
