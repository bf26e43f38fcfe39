import { z } from 'zod';
import { keyColumns } from '../query/access.ts';
import { recordedSql, recordedWithin } from '../query/recorded.ts';
import { comparators } from './values.ts';

const Strings = z.array(z.string());

/** Columns that a token parameter is compared with. */
export const tokenFields = [
  'type',
  'subtype',
  'action',
  'outcome',
  'entity-type',
  'entity-role',
  'agent-role'
] as const;
export type TokenField = (typeof tokenFields)[number];

/**
 * One condition of a search, its alternatives in `any`: what a parameter came to, without identities. A cursor carries these.
 * `ids` and `machines` are values that stand in clear in the facts already; persons and patients are pseudonyms.
 */
export const Clause = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('date'),
    column: z.enum(['recorded', 'occurred', 'stored']),
    any: z.array(z.object({ comparator: z.enum(comparators), from: z.number(), to: z.number() }))
  }),
  z.object({ kind: z.literal('token'), field: z.enum(tokenFields), not: z.boolean(), any: Strings }),
  z.object({
    kind: z.literal('address'),
    how: z.enum(['starts', 'contains', 'exact']),
    any: Strings
  }),
  z.object({
    kind: z.literal('agent'),
    not: z.boolean(),
    pseudonyms: Strings,
    machines: Strings
  }),
  z.object({ kind: z.literal('patient'), pseudonyms: Strings }),
  z.object({ kind: z.literal('entity'), not: z.boolean(), pseudonyms: Strings, ids: Strings }),
  z.object({ kind: z.literal('source'), not: z.boolean(), any: Strings }),
  z.object({ kind: z.literal('site'), not: z.boolean(), any: Strings }),
  z.object({
    kind: z.literal('id'),
    any: z.array(z.object({ collector: z.string(), lane: z.string(), seq: z.number(), sub: z.number() }))
  })
]);
export type Clause = z.infer<typeof Clause>;

/** Hands out names for bound values, so that none is ever written into SQL. */
export class Binder {
  readonly values: Record<string, unknown> = {};
  #count = 0;

  bind(type: string, value: unknown): string {
    const name = `p${this.#count++}`;
    this.values[name] = value;
    return `{${name}:${type}}`;
  }
}

const timeColumns = { recorded: recordedSql, occurred: 'occurred_at', stored: 'received_at' } as const;

/** @param persons whether persons may be asked for: else only machines match, so that no answer tells a person's presence */
export function clauseSql(clause: Clause, binder: Binder, persons: boolean): string {
  const strings = (values: readonly string[]) => binder.bind('Array(String)', values);
  const unless = (not: boolean, sql: string) => (not ? `NOT (${sql})` : `(${sql})`);
  switch (clause.kind) {
    case 'date':
      return `(${clause.any.map((one) => dateSql(timeColumns[clause.column], one, binder)).join(' OR ') || '0'})`;
    case 'token':
      return unless(clause.not, tokenSql(clause.field, strings(clause.any)));
    case 'address':
      return `(${clause.any.map((one) => addressSql(clause.how, binder.bind('String', one), persons)).join(' OR ') || '0'})`;
    case 'agent':
      return unless(clause.not, agentSql(clause, strings, persons));
    case 'patient': {
      // By their sequences first: a number is compared twenty times as fast as a key of six columns.
      const events = ofPatient(strings(clause.pseudonyms));
      return `(${among('seq', [events])} AND ${placeIn(events)})`;
    }
    case 'entity':
      return unless(clause.not, entitySql(clause, strings));
    case 'source': {
      const names = strings(clause.any);
      return unless(clause.not, `audit_source IN ${names} OR source IN ${names}`);
    }
    case 'site': {
      const names = strings(clause.any);
      return unless(clause.not, `enterprise_site IN ${names} OR site IN ${names}`);
    }
    case 'id':
      return `(${clause.any.map((one) => `(collector = ${binder.bind('String', one.collector)} AND lane = ${binder.bind('String', one.lane)} AND seq = ${binder.bind('UInt64', one.seq)} AND sub = ${binder.bind('UInt16', one.sub)})`).join(' OR ') || '0'})`;
  }
}

type Strings = (values: readonly string[]) => string;

/** Events that some tables name: by the key the facts are sorted by, so that few granules are read. */
const placeIn = (...parts: readonly string[]) => among(keyColumns, parts);
const among = (columns: string, parts: readonly string[]) =>
  `(${columns}) IN (${parts.map((part) => `SELECT ${columns} FROM ${part}`).join(' UNION ALL ')})`;

const ofPatient = (pseudonyms: string) =>
  `audit.event_by_patient WHERE patient IN (SELECT toFixedString(unhex(arrayJoin(${pseudonyms})), 16)) AND lane = {lane:String}`;

/** A person acts in most events that name him: only where several persons take part are all participants looked at. */
function agentSql(
  { pseudonyms, machines }: { readonly pseudonyms: readonly string[]; readonly machines: readonly string[] },
  strings: Strings,
  persons: boolean
): string {
  if (!persons)
    return `arrayExists((i, k) -> k != 'person' AND has(${strings(machines)}, i), participant_id, participant_kind)`;
  if (machines.length > 0) return `hasAny(participant_id, ${strings([...pseudonyms, ...machines])})`;
  const ids = strings(pseudonyms);
  return placeIn(
    `audit.event_by_actor WHERE actor_id IN ${ids} AND lane = {lane:String}`,
    `audit.event PREWHERE lane = {lane:String} AND countEqual(participant_kind, 'person') > 1 WHERE ${recordedWithin} AND hasAny(participant_id, ${ids})`
  );
}

/** Patients and studies by their narrow tables; users, stations and SOP classes where an event has such objects. */
function entitySql(
  { pseudonyms, ids }: { readonly pseudonyms: readonly string[]; readonly ids: readonly string[] },
  strings: Strings
): string {
  return placeIn(
    ofPatient(strings(pseudonyms)),
    `audit.event_by_study WHERE study_key IN (SELECT sipHash64(arrayJoin(${strings(ids)}))) AND lane = {lane:String}`,
    `audit.event PREWHERE lane = {lane:String} AND (hasAny(object_role, ['6', '8', '11', '15']) OR hasAny(object_id_type, ['11', '110119', '110181']))
      WHERE ${recordedWithin} AND hasAny(object_id, ${strings([...pseudonyms, ...ids])})`
  );
}

function tokenSql(field: TokenField, codes: string): string {
  switch (field) {
    case 'type':
      return `event_code IN ${codes}`;
    case 'subtype':
      return `hasAny(event_types, ${codes})`;
    case 'action':
      return `action IN ${codes}`;
    case 'outcome':
      return `toString(outcome) IN ${codes}`;
    case 'entity-type':
      return `hasAny(object_kind, ${codes})`;
    case 'entity-role':
      return `hasAny(object_role, ${codes})`;
    case 'agent-role':
      return `hasAny(participant_role, ${codes}) OR hasAny(actor_roles, ${codes})`;
  }
}

type Range = Extract<Clause, { kind: 'date' }>['any'][number];

/** One comparison of a time with a date value (FHIR R4 search, prefixes). */
export function dateSql(column: string, { comparator, from, to }: Range, binder: Binder): string {
  const start = () => binder.bind('DateTime64(3)', new Date(from));
  const end = () => binder.bind('DateTime64(3)', new Date(to));
  switch (comparator) {
    case 'eq':
      return `(${column} >= ${start()} AND ${column} < ${end()})`;
    case 'ne':
      return `(${column} < ${start()} OR ${column} >= ${end()})`;
    case 'gt':
    case 'sa':
      return `${column} >= ${end()}`;
    case 'ge':
      return `${column} >= ${start()}`;
    case 'lt':
    case 'eb':
      return `${column} < ${start()}`;
    case 'le':
      return `${column} < ${end()}`;
  }
}

function addressSql(how: 'starts' | 'contains' | 'exact', value: string, persons: boolean): string {
  const test = { starts: `startsWith(lower(a), lower(${value}))`, contains: `position(lower(a), lower(${value})) > 0`, exact: `a = ${value}` }[how]; // prettier-ignore
  return persons
    ? `arrayExists(a -> ${test}, participant_access_point)`
    : `arrayExists((a, k) -> k != 'person' AND ${test}, participant_access_point, participant_kind)`;
}
