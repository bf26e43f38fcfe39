import type { TestEngine } from '../../testkit/engine.ts';

/** How many people, patients and studies stand behind the events of a year. */
const population = { users: 3000, patients: 400_000, studies: 1_600_000 } as const;

/** A pick among values by share: `pick(hash, [['a', 3], ['b', 1]])` gives 'a' three times of four. */
function pick(random: string, shares: readonly (readonly [string, number])[]): string {
  const slots = shares.flatMap(([value, share]) => Array.from({ length: share }, () => `'${value}'`));
  return `[${slots.join(',')}][1 + ${random} % ${slots.length}]`;
}

const random = (salt: string) => `sipHash64(n, '${salt}')`;

const sites = pick(random('site'), [['troyes', 11], ['gham', 4], ['hpa', 3], ['', 2]]); // prettier-ignore
const codes = pick(random('code'), [['110103', 46], ['110104', 20], ['110112', 15], ['110114', 6], ['110102', 5], ['110110', 3], ['110100', 2], ['110106', 1], ['110107', 1], ['110105', 1]]); // prettier-ignore
/** Who tells what: the viewer is looked at, archives exchange, the RIS orders. */
const sources = `multiIf(code IN ('110102', '110104', '110105', '110107'), ${pick(random('source'), [['deepunity', 11], ['vna', 6], ['pulsy', 3]])},
      code IN ('110103', '110106'), ${pick(random('source'), [['deepunity', 9], ['viewer', 9], ['emage', 1], ['ia', 1]])},
      code = '110112', ${pick(random('source'), [['ris', 9], ['viewer', 9], ['deepunity', 2]])},
      ${pick(random('source'), [['ris', 11], ['deepunity', 6], ['viewer', 3]])})`; // prettier-ignore
const roles = pick(`sipHash64(user, 'role')`, [['radiologue', 6], ['manipulateur', 5], ['medecin', 5], ['secretaire', 3], ['infirmier', 2], ['urgentiste', 1], ['interne', 1], ['110150', 2]]); // prettier-ignore
const modalities = pick(`sipHash64(study, 'modality')`, [['DX', 9], ['CT', 6], ['US', 5], ['MR', 4], ['MG', 2], ['XA', 1], ['NM', 1], ['CR', 2]]); // prettier-ignore
/** Hours of a hospital's day: 24 shares. */
const hours = pick(random('hour'), [1, 1, 1, 1, 1, 1, 2, 5, 9, 10, 9, 8, 5, 7, 9, 9, 8, 6, 3, 2, 2, 1, 1, 1].map((share, hour) => [String(hour), share] as const)); // prettier-ignore

/** One day of events, as the collector would have stored them. @param day 0 for the oldest */
function dayOfEvents(day: number, first: number, count: number, midnight: Date): string {
  return `INSERT INTO audit.event
  WITH number AS n, toUInt64(pow((${random('user')} % 1000000) / 1000000, 1.2) * ${population.users}) AS user,
    toUInt64(pow((${random('study')} % 100000000) / 100000000, 1.2) * ${population.studies}) AS study, intDiv(study, 4) AS patient,
    ${codes} AS code, code IN ('110114', '110100') AS apart, ${random('kind')} % 10 < 7 AS person,
    toDateTime64('${midnight.toISOString().replace('Z', '')}', 3, 'UTC') + toIntervalMillisecond(toUInt32(${hours}) * 3600000 + ${random('ms')} % 3600000) AS at,
    ['AE_ONE','AE_TWO','DEEPUNITY','VNA','PULSY','VIEWER'][1 + ${random('ae')} % 6] AS ae,
    if(person, lower(hex(MD5(concat('user', toString(user))))), ae) AS who, ${roles} AS role,
    concat('1.2.250.1.999.', toString(sipHash64(study, 'uid') % 1000000000000), '.', toString(study)) AS uid,
    reinterpretAsFixedString(reinterpretAsUInt128(MD5(concat('patient', toString(patient))))) AS pseudonym
  SELECT 'audit' AS lane, 'c1' AS collector, n AS seq, 0 AS sub, intDiv(n, 8000) * 8000 AS block, at + toIntervalMillisecond(200 + ${random('lag')} % 3000) AS received_at,
    ${sources} AS source, ${sites} AS site, transform(site, ['troyes', 'gham', 'hpa'], ['ch-troyes', 'gham', 'hpa'], '') AS establishment,
    'audit-xml@1' AS decoder, 'audit' AS retention, 'tls' AS transport, concat('10.10.0.', toString(sipHash64(source) % 20)) AS peer, at AS occurred_at, at AS sent_at,
    code AS event_code, [] AS event_types, transform(code, ['110103', '110112', '110114', '110105', '110107'], ['R', 'E', 'E', 'D', 'C'], 'R') AS action,
    [0, 4, 8, 12][if(${random('outcome')} % 1000 < 970, 1, 2 + ${random('outcome2')} % 3)] AS outcome, who AS actor_id, if(person, 'person', 'application') AS actor_kind,
    if(person, [role], ['110150']) AS actor_roles, '' AS actor_site, concat('10.', toString(sipHash64(user) % 40), '.', toString(sipHash64(user, 'ip') % 250), '.7') AS access_point, 'ip' AS access_point_kind,
    upper(source) AS audit_source, upper(site) AS enterprise_site, if(apart, [], [pseudonym]) AS patients, if(apart, [], [uid]) AS studies,
    if(apart OR study % 3 > 0, [], [concat('A', toString(study))]) AS accessions, if(apart, [], [${modalities}]) AS modalities, if(apart, NULL, toUInt32(${random('images')} % 600)) AS instances,
    '' AS purpose, ${random('emergency')} % 400 = 0 AS emergency, [who, ae] AS participant_id, [actor_kind, 'application'] AS participant_kind, [role, '110152'] AS participant_role,
    [1, 0] AS participant_requestor, [access_point, ''] AS participant_access_point, if(apart, [], ['2', '1']) AS object_kind, if(apart, [], ['3', '1']) AS object_role,
    if(apart, [], ['110180', '2']) AS object_id_type, if(apart, [], [uid, lower(hex(pseudonym))]) AS object_id, if(apart, [], ['6', '']) AS object_life_cycle, [] AS repairs
  FROM numbers(${first}, ${count})`;
}

/**
 * Fills a store with a year of events that ends today, day by day, with the rollups following as in life.
 * @param wanted events in all
 */
export async function fillYear(
  engine: TestEngine,
  wanted: number,
  progress: (sentence: string) => void,
  now = new Date()
): Promise<void> {
  const days = 365;
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  // Two days of ten are a week-end and see a third of the others' events.
  const weights = Array.from({ length: days }, (_, day) => {
    const weekday = new Date(today - (days - day) * 86_400_000).getUTCDay();
    return weekday === 0 || weekday === 6 ? 1 : 3;
  });
  const total = weights.reduce((sum, one) => sum + one, 0);
  let first = 1;
  for (const [day, weight] of weights.entries()) {
    const count = day === days - 1 ? wanted + 1 - first : Math.round((wanted * weight) / total);
    await engine.writer.command({
      query: dayOfEvents(day, first, count, new Date(today - (days - day) * 86_400_000)),
      clickhouse_settings: { insert_deduplicate: 0 }
    });
    first += count;
    if (day % 10 === 0) progress(`explorer: ${first - 1} of ${wanted} events`);
  }
  await engine.writer.command({
    query: `INSERT INTO audit.block (lane, collector, block, last_seq, kind, sealed_at)
      SELECT lane, collector, e.block AS block, max(seq) AS last_seq, 'block' AS kind, max(received_at) AS sealed_at FROM audit.event AS e WHERE lane = 'audit' GROUP BY lane, collector, e.block`
  });
  await restMonths(engine, progress);
}

/** Merges the months that are over into a part each, as the engine does by itself once they have rested for a day. */
async function restMonths(engine: TestEngine, progress: (sentence: string) => void): Promise<void> {
  const parts = await engine.rows<{ name: string; id: string }>(
    `SELECT concat(database, '.', table) AS name, partition_id AS id FROM system.parts WHERE active AND database = 'audit' AND table LIKE 'event%'
     AND position(partition, formatDateTime(now(), '%Y%m')) = 0 GROUP BY name, id HAVING count() > 1 ORDER BY name, id`
  );
  for (const { name, id } of parts) {
    progress(`explorer: merging ${name} ${id}`);
    await engine.writer.command({ query: `OPTIMIZE TABLE ${name} PARTITION ID '${id}' FINAL` });
  }
}
