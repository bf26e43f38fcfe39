import type { ClickHouseClient } from '@vigie/store';
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
  readonly uncounted: boolean;
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
    uncounted: search.total || search.countOnly
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
  const countAll = async () => {
    const [counted] = await auditEventCount(sql).ask(client, { ...part, ...values });
    return counted?.events ?? 0;
  };
  if (plan.countOnly) return { rows: [], total: await countAll(), next: undefined };
  const question = auditEventPlaces(sql, plan.sort === 'date' ? 'ASC' : 'DESC', after !== undefined);
  const found = await question.ask(client, {
    ...part,
    ...values,
    limit: count + 1,
    ...(after && {
      after: new Date(after.after),
      after_collector: after.collector,
      after_seq: after.seq,
      after_sub: after.sub
    })
  });
  const places = found.slice(0, count);
  const last = places.at(-1);
  const next =
    found.length > count && last
      ? { after: last.recorded_at.getTime(), collector: last.collector, seq: last.seq, sub: last.sub }
      : undefined;
  // A search that fits its first page is counted by it.
  const whole = next === undefined && after === undefined;
  const total = plan.uncounted ? (whole ? places.length : await countAll()) : plan.total;
  return { rows: await rowsAt(client, places, part), total, next };
}

/** The events of a page, in its order. */
async function rowsAt(
  client: ClickHouseClient,
  places: readonly AuditEventPlace[],
  part: LogPart
): Promise<AuditEventRow[]> {
  if (places.length === 0) return [];
  const times = places.map(({ occurred_at }) => occurred_at.getTime());
  const rows = await auditEventsAt.ask(client, {
    ...part,
    first: new Date(Math.min(...times)),
    last: new Date(Math.max(...times)),
    seqs: places.map(({ seq }) => seq)
  });
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
