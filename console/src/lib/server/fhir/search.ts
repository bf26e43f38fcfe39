import { clickhouseErrorCode, type ClickHouseClient } from '@vigie/store';
import { keyParams } from '../query/access.ts';
import {
  auditEventCount,
  auditEventPlaces,
  auditEventsAt,
  newestBlocks,
  type AuditEventPlace,
  type AuditEventRow,
  type Part as LogPart
} from '../query/audit-events.ts';
import { Binder, clauseSql, type Clause } from './clause.ts';
import type { Cursor } from './cursor.ts';
import type { Search } from './parse.ts';
import type { Resolved } from './resolve.ts';

/** Bounds that ClickHouse's time type holds. */
export const ever = { from: new Date('1900-01-02T00:00:00Z'), to: new Date('2201-01-01T00:00:00Z') };

/** What a page needs beside its rows: a new search has it from its parameters, a later page from its cursor. */
export type Plan = Omit<Cursor, 'token' | 'issuedAt' | 'after'> & {
  readonly after: Cursor['after'] | undefined;
  readonly countOnly: boolean;
  /** Whether the events are still to be counted: once a search, its cursors carry the number. */
  readonly counting: Search['total'];
};

export interface Page {
  readonly rows: readonly AuditEventRow[];
  /** How many events the whole search finds; undefined when nobody asked. */
  readonly total: number | undefined;
  /** Where the next page begins; undefined on the last. */
  readonly next: Cursor['after'] | undefined;
}

/** The window of `recorded` that all date conditions leave, so that a question reads no more than it must. */
export function windowOf(clauses: readonly Clause[]): { from: Date; to: Date } {
  let [from, to] = [ever.from.getTime(), ever.to.getTime()];
  for (const clause of clauses) {
    if (clause.kind !== 'date' || clause.column !== 'recorded' || clause.any.length === 0) continue;
    const ranges = clause.any.map((one) => {
      if (one.comparator === 'eq') return [one.from, one.to] as const;
      if (one.comparator === 'gt' || one.comparator === 'sa') return [one.to, Infinity] as const;
      if (one.comparator === 'ge') return [one.from, Infinity] as const;
      if (one.comparator === 'lt' || one.comparator === 'eb') return [-Infinity, one.from] as const;
      return one.comparator === 'le' ? ([-Infinity, one.to] as const) : ([-Infinity, Infinity] as const);
    });
    from = Math.max(from, Math.min(...ranges.map(([start]) => start)));
    to = Math.min(to, Math.max(...ranges.map(([, end]) => end)));
  }
  return { from: new Date(from), to: new Date(Math.max(from, to)) };
}

/**
 * Begins a search: bounds it by the newest whole block of each collector, so that its pages do not move while data arrives.
 */
export async function beginSearch(
  client: ClickHouseClient,
  search: Search,
  resolved: Resolved,
  part: LogPart
): Promise<Plan> {
  const blocks = await newestBlocks.ask(client, { ...part, ...ever });
  return {
    clauses: [...resolved.clauses],
    query: resolved.query,
    count: search.count,
    sort: search.sort,
    blocks: blocks.map(({ collector, block }) => [collector, block]),
    after: undefined,
    countOnly: search.countOnly,
    counting: search.countOnly ? 'always' : search.total
  };
}

/** One page of a search. */
export async function searchPage(
  client: ClickHouseClient,
  plan: Plan,
  part: LogPart,
  persons: boolean
): Promise<Page> {
  const { after, count } = plan;
  const { sql, values } = whereOf(plan, persons);
  const countAll = () => counted(client, sql, { ...part, ...values }, plan.counting === 'always');
  if (plan.countOnly) return { rows: [], total: await countAll(), next: undefined };
  const found = await placesOf(client, plan, part, sql, values);
  const places = found.slice(0, count);
  const last = places.at(-1);
  const next =
    found.length > count && last
      ? { after: last.recorded_at.getTime(), collector: last.collector, seq: last.seq, sub: last.sub }
      : undefined;
  // A search that fits its first page is counted by it.
  const whole = next === undefined && after === undefined;
  const total = plan.counting === 'never' ? plan.total : whole ? places.length : await countAll();
  return { rows: await rowsAt(client, places, part), total, next };
}

/** @returns undefined where counting would read too much unasked */
async function counted(
  client: ClickHouseClient,
  sql: string,
  asked: LogPart & Readonly<Record<string, unknown>>,
  atAnyCost: boolean
): Promise<number | undefined> {
  try {
    const [row] = await auditEventCount(sql, atAnyCost).ask(client, asked);
    return row?.events ?? 0;
  } catch (error) {
    if (!atAnyCost && clickhouseErrorCode(error) === 158) return undefined;
    throw error;
  }
}

/**
 * The places of a page and one more, read a slice of the time of recording after the other from the end where the page begins:
 * what is recorded in a short time lies in few granules, so a page of a year's search does not read the year.
 */
async function placesOf(
  client: ClickHouseClient,
  plan: Plan,
  part: LogPart,
  sql: string,
  values: Readonly<Record<string, unknown>>
): Promise<AuditEventPlace[]> {
  const { after, count, sort } = plan;
  const order = sort === 'date' ? 'ASC' : 'DESC';
  const question = auditEventPlaces(sql, order, after !== undefined);
  const found: AuditEventPlace[] = [];
  for (const slice of slicesOf(plan, part, Date.now())) {
    const places = await question.ask(client, {
      ...part,
      ...values,
      ...slice,
      limit: count + 1 - found.length,
      ...(after && {
        after: new Date(after.after),
        after_collector: after.collector,
        after_seq: after.seq,
        after_sub: after.sub
      })
    });
    found.push(...places);
    if (found.length > count) break;
  }
  return found;
}

/** A first slice of time, ms: half a day of a large group is some ten thousand events. Each next one is wider by this factor. */
const firstSliceMs = 6 * 3_600_000;
const wider = 8;

/**
 * The window of a search in slices, in the order of its pages, from its cursor on. What one patient or object has is little and
 * found by its own table, so it is one slice. Pure.
 */
export function* slicesOf(
  { clauses, after, sort }: Pick<Plan, 'clauses' | 'after' | 'sort'>,
  { from, to }: { readonly from: Date; readonly to: Date },
  now: number
): Generator<{ from: Date; to: Date }> {
  const few = clauses.some((one) => one.kind === 'patient' || one.kind === 'id' || (one.kind === 'entity' && !one.not)); // prettier-ignore
  const [first, last] =
    sort === 'date'
      ? [Math.max(from.getTime(), after?.after ?? -Infinity), to.getTime()]
      : [from.getTime(), Math.min(to.getTime(), after ? after.after + 1 : Infinity)];
  if (few || last - first <= firstSliceMs * 2) return yield { from: new Date(first), to: new Date(last) };
  let width = firstSliceMs;
  if (sort === 'date')
    for (let start = first; start < last; width *= wider) {
      const end = start + width * wider > last ? last : start + width;
      yield { from: new Date(start), to: new Date(end) };
      start = end;
    }
  else
    for (let end = last; end > first; width *= wider) {
      // What a clock ahead of ours dates after now is in the first slice.
      const start = Math.min(end, now) - width;
      const begin = start - width * wider < first ? first : start;
      yield { from: new Date(begin), to: new Date(end) };
      end = begin;
    }
}

/** The events of a page, in its order. */
async function rowsAt(
  client: ClickHouseClient,
  places: readonly AuditEventPlace[],
  part: LogPart
): Promise<AuditEventRow[]> {
  if (places.length === 0) return [];
  const { scope, lane, codes } = part;
  const rows = await auditEventsAt.ask(client, { scope, lane, codes, ...keyParams(places) });
  const nameOf = ({ collector, seq, sub }: Pick<AuditEventPlace, 'collector' | 'seq' | 'sub'>) => `${collector}-${seq}-${sub}`; // prettier-ignore
  const byName = new Map(rows.map((row) => [nameOf(row), row]));
  return places.flatMap((one) => byName.get(nameOf(one)) ?? []);
}

function whereOf(plan: Pick<Plan, 'clauses' | 'blocks'>, persons: boolean) {
  const binder = new Binder();
  const blocks = plan.blocks.map(([collector, block]) => `(collector = ${binder.bind('String', collector)} AND block <= ${binder.bind('UInt64', block)})`); // prettier-ignore
  const clauses = plan.clauses.map((clause) => clauseSql(clause, binder, persons));
  return { sql: [`(${blocks.join(' OR ') || '0'})`, ...clauses].join(' AND '), values: binder.values };
}
