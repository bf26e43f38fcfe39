import type { Given } from './define.ts';

/** Facets of the explorer, and the column of the counts each is. */
export const facetColumns = {
  event: 'event_code',
  site: 'site',
  source: 'source',
  action: 'action',
  outcome: 'toString(outcome)',
  role: 'role',
  modality: 'modality',
  emergency: 'toString(emergency)'
} as const;
export type Facet = keyof typeof facetColumns;
export const facets = [
  'event',
  'site',
  'source',
  'action',
  'outcome',
  'role',
  'modality',
  'emergency'
] as const;

/** Where counts are read from: hourly and daily counts, the facts, or one subject's narrow table. */
export const origins = ['rollup', 'facts', 'patient', 'actor', 'study'] as const;
export type Origin = (typeof origins)[number];

/** What may be narrowed by beside scope, lane and time; a condition stands in the SQL only where it is given. */
export const narrowing = ['codes', ...facets] as const;
type Narrowing = (typeof narrowing)[number];
export type Chosen = Given<Narrowing>;

const among = (column: string, name: Narrowing, type = 'String') => `${column} IN {${name}:Array(${type})}`;

/** The reader's part of the log. */
const part = (given: Chosen) =>
  `lane = {lane:String} AND establishment IN {scope:Array(String)}${given('codes') ? ` AND ${among('event_code', 'codes')}` : ''}`;

/** Whether the value of each facet in which something is chosen is a chosen one. */
function choices(given: Chosen, role: string, modality: string): { facet: Facet; met: string }[] {
  const column = { ...facetColumns, outcome: 'outcome', emergency: 'emergency', role, modality };
  return facets
    .filter((facet) => given(facet))
    .map((facet) => ({
      facet,
      met: among(column[facet], facet, facet === 'outcome' || facet === 'emergency' ? 'UInt8' : 'String')
    }));
}

/** How rows meet the chosen values: all of them, or all but those of one facet at most. */
type Meet = 'all' | 'all-but-one';
function chosen(given: Chosen, role: string, modality: string, meet: Meet = 'all'): string {
  const list = choices(given, role, modality).map(({ met }) => met);
  if (meet === 'all') return [part(given), ...list].join(' AND ');
  return list.length < 2 ? part(given) : `${part(given)} AND ${list.map((one) => `(NOT ${one})`).join(' + ')} <= 1`;
} // prettier-ignore
/** Number of the one facet whose chosen values a row does not meet, from 1 in the order of `facets`; 0 when it meets all. */
function missedFacet(given: Chosen, role: string, modality: string): string {
  const misses = choices(given, role, modality).flatMap(({ facet, met }) => [`NOT ${met}`, `${facets.indexOf(facet) + 1}`]);
  return misses.length === 0 ? '0' : `multiIf(${misses.join(', ')}, 0)`;
} // prettier-ignore

const role = "if(empty(actor_roles), '', actor_roles[1])";
const modality = "if(empty(modalities), '', modalities[1])";
const within = 'occurred_at >= {from:DateTime64(3)} AND occurred_at < {to:DateTime64(3)}';

/** One subject's rows in its narrow table. A study's key is a hash: the facts decide, where rows are read. */
const subjects = {
  patient: 'patient IN (SELECT toFixedString(unhex(arrayJoin({patients:Array(String)})), 16))',
  actor: 'actor_id IN {actors:Array(String)}',
  study: 'study_key = sipHash64({study:String})'
} as const;

/** The filtered rows of one narrow table, or of the facts. */
export const filtered = (given: Chosen, origin: Exclude<Origin, 'rollup'>, meet: Meet = 'all'): string =>
  origin === 'facts'
    ? `audit.event AS e WHERE ${within} AND ${chosen(given, role, modality, meet)}`
    : `audit.event_by_${origin} AS e WHERE ${subjects[origin]} AND ${within} AND ${chosen(given, 'role', 'modality', meet)}`;

/** The filtered rows of the hourly counts. */
export const filteredHours = (given: Chosen): string =>
  `audit.event_hourly AS h WHERE hour >= {from:DateTime64(3)} AND hour < {to:DateTime64(3)} AND ${chosen(given, 'role', 'modality')}`;

const columns = 'site, source, event_code, action, outcome, role, modality, emergency';

/** What counts are read for: columns of time, or the values of facets. */
type Of = 'time' | 'facets';

/**
 * Counts of one origin, as rows (at, outcome, events) of time, or (site, source, event_code, action, outcome, role, modality,
 * emergency, events) of facets. Of the rollups, whole days of Europe/Paris come from the daily one, hours around them from the
 * hourly one.
 * Those of facets miss the chosen values of one facet at most, and tell in `missed` which, by its number; 0 for none.
 */
export function counts(given: Chosen, origin: Origin, of: Of): string {
  const meet = of === 'facets' ? 'all-but-one' : 'all';
  const tell = (at: string, roles = 'role', kinds = 'modality') => {
    if (of === 'time') return `${at} AS at, outcome`;
    const told = columns.replace('role, modality', `${roles} AS role, ${kinds} AS modality`);
    return `${told}, ${missedFacet(given, roles, kinds)} AS missed`;
  };
  const moment = "toDateTime(occurred_at, 'UTC')";
  if (origin === 'facts')
    return `(SELECT ${tell(moment, role, modality)}, toUInt64(1) AS events FROM ${filtered(given, origin, meet)})`;
  if (origin !== 'rollup')
    // A patient with two identifiers is two rows of one event.
    return `(SELECT ${tell(moment)}, toUInt64(1) AS events FROM ${filtered(given, origin, meet)}
      ${origin === 'patient' ? 'LIMIT 1 BY collector, lane, seq, sub' : ''})`;
  const same = chosen(given, 'role', 'modality', meet);
  return `(SELECT ${tell("toDateTime(day, 'Europe/Paris')")}, d.events AS events FROM audit.event_daily AS d
      WHERE day >= toDate({daysFrom:DateTime64(3)}, 'Europe/Paris') AND day < toDate({daysTo:DateTime64(3)}, 'Europe/Paris') AND ${same}
    UNION ALL SELECT ${tell('hour')}, h.events AS events FROM audit.event_hourly AS h
      WHERE hour >= {from:DateTime64(3)} AND hour < {to:DateTime64(3)} AND NOT (hour >= {daysFrom:DateTime64(3)} AND hour < {daysTo:DateTime64(3)}) AND ${same})`;
}

const place =
  'lane, collector, seq, sub, occurred_at, event_code, action, outcome, actor_id, actor_kind, site, source, emergency';
const first = (list: string, code: string) => `${list}[indexOf(participant_role, '${code}')]`;

/** Columns of one line of a list, from the facts `e`. */
export const factColumns = `${place}, event_types, ${role} AS actor_role, arrayMap(p -> lower(hex(p)), e.patients) AS patients,
  studies, accessions, modalities, ${first('participant_id', '110153')} AS ae_from, ${first('participant_id', '110152')} AS ae_to`;

/** Columns of one line from a narrow table, which tells one patient, one study (its key alone) and one modality for all. */
export const narrowColumns = `${place}, e.role AS actor_role, hex(e.patient) AS of_patient, toString(e.study_key) AS of_study,
  toString(e.modality) AS of_modality, ae_from, ae_to`;
