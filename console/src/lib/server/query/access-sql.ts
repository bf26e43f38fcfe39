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

const any = (column: string, name: string, type = 'String') =>
  `(empty({${name}:Array(${type})}) OR ${column} IN {${name}:Array(${type})})`;

/** The reader's part of the log. */
const part = `lane = {lane:String} AND establishment IN {scope:Array(String)} AND ${any('event_code', 'codes')}`;

/** Whether the value of each facet is a chosen one, in the order of `facets`. */
const choices = (role: string, modality: string) => [
  any('event_code', 'event'),
  any('site', 'site'),
  any('source', 'source'),
  any('action', 'action'),
  any('outcome', 'outcome', 'UInt8'),
  any(role, 'role'),
  any(modality, 'modality'),
  any('emergency', 'emergency', 'UInt8')
];

/** How rows meet the chosen values: all of them, or all but those of one facet at most. */
type Meet = 'all' | 'all-but-one';
const chosen = (role: string, modality: string, meet: Meet = 'all') => {
  const list = choices(role, modality);
  return `${part} AND ${meet === 'all' ? list.join(' AND ') : `${list.map((one) => `(NOT ${one})`).join(' + ')} <= 1`}`;
};
/** The one facet whose chosen values a row does not meet; '' when it meets all. */
const missedFacet = (role: string, modality: string) =>
  `multiIf(${choices(role, modality)
    .flatMap((one, n) => [`NOT ${one}`, `'${facets[n] ?? ''}'`])
    .join(', ')}, '')`;

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
export const filtered = (origin: Exclude<Origin, 'rollup'>, meet: Meet = 'all'): string =>
  origin === 'facts'
    ? `audit.event AS e WHERE ${within} AND ${chosen(role, modality, meet)}`
    : `audit.event_by_${origin} AS e WHERE ${subjects[origin]} AND ${within} AND ${chosen('role', 'modality', meet)}`;

/** The filtered rows of the hourly counts. */
export const filteredHours = `audit.event_hourly AS h WHERE hour >= {from:DateTime64(3)} AND hour < {to:DateTime64(3)} AND ${chosen('role', 'modality')}`;

const columns = 'site, source, event_code, action, outcome, role, modality, emergency';

/**
 * Counts of one origin, as rows (at, site, source, event_code, action, outcome, role, modality, emergency, events). Of the
 * rollups, whole days of Europe/Paris come from the daily one, hours around them from the hourly one.
 * @param meet with 'all-but-one' a row also tells in `missed` which facet's chosen values it does not meet
 */
export function counts(origin: Origin, meet: Meet = 'all'): string {
  const missed = (of: string, and: string) => (meet === 'all' ? '' : `${missedFacet(of, and)} AS missed, `);
  const narrow = missed('role', 'modality');
  if (origin === 'facts')
    return `(SELECT toDateTime(occurred_at, 'UTC') AS at, site, source, event_code, action, outcome, ${role} AS role, ${modality} AS modality, emergency,
      ${missed(role, modality)}toUInt64(1) AS events FROM ${filtered(origin, meet)})`;
  if (origin !== 'rollup')
    // A patient with two identifiers is two rows of one event.
    return `(SELECT toDateTime(occurred_at, 'UTC') AS at, ${columns}, ${narrow}toUInt64(1) AS events FROM ${filtered(origin, meet)}
      ${origin === 'patient' ? 'LIMIT 1 BY collector, lane, seq, sub' : ''})`;
  const same = chosen('role', 'modality', meet);
  return `(SELECT toDateTime(day, 'Europe/Paris') AS at, ${columns}, ${narrow}d.events AS events FROM audit.event_daily AS d
      WHERE day >= toDate({daysFrom:DateTime64(3)}, 'Europe/Paris') AND day < toDate({daysTo:DateTime64(3)}, 'Europe/Paris') AND ${same}
    UNION ALL SELECT hour AS at, ${columns}, ${narrow}h.events AS events FROM audit.event_hourly AS h
      WHERE hour >= {from:DateTime64(3)} AND hour < {to:DateTime64(3)} AND NOT (hour >= {daysFrom:DateTime64(3)} AND hour < {daysTo:DateTime64(3)}) AND ${same})`;
}

const ids = "concat(collector, '-', lane, '-', toString(seq), '-', toString(sub)) AS id, collector, seq, sub";
const first = (list: string, code: string) => `${list}[indexOf(participant_role, '${code}')]`;

/** Columns of one line of a list, from the facts `e`. */
export const factColumns = `${ids}, occurred_at, event_code, event_types, action, outcome, actor_id, actor_kind, ${role} AS actor_role,
  arrayMap(p -> lower(hex(p)), e.patients) AS patients, studies, accessions, modalities, site, source, emergency,
  ${first('participant_id', '110153')} AS ae_from, ${first('participant_id', '110152')} AS ae_to`;

/**
 * The same from a narrow table: the first patient, the first study (its key alone) and the first modality stand for all. Rows of
 * narrow tables are compared with each other, never with the facts.
 */
const narrowColumns = (
  patients: string
) => `${ids}, occurred_at, event_code, CAST([], 'Array(String)') AS event_types, action, outcome, actor_id, actor_kind, role AS actor_role,
  ${patients} AS patients, [toString(study_key)] AS studies, CAST([], 'Array(String)') AS accessions,
  arrayFilter(one -> one != '', [toString(modality)]) AS modalities, site, source, emergency, ae_from, ae_to`;
export const patientColumns = narrowColumns('[lower(hex(patient))]');
export const actorColumns = narrowColumns(
  "arrayFilter(one -> one != repeat('0', 32), [lower(hex(patient))])"
);
