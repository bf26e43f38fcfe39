import type { Config } from '@vigie/schemas';

/** What a partition holds, as far as its retention is concerned: a lane's rows, raw messages, or sums. */
export type Category = 'audit' | 'own' | 'ops' | 'raw' | 'rollup';

/** Category → months it is kept. */
export type Policy = Readonly<Record<Category, number>>;

export function policyOf({ retention }: Pick<Config, 'retention'>): Policy {
  return {
    audit: retention.audit_months,
    own: retention.own_months,
    ops: retention.ops_months,
    raw: retention.raw_months,
    rollup: retention.rollup_months
  };
}

/** Months since year 0 of a month written as yyyymm, and back. */
const toCount = (month: number) => Math.floor(month / 100) * 12 + (month % 100) - 1;
const toMonth = (count: number) => Math.floor(count / 12) * 100 + (count % 12) + 1;

/**
 * The newest month (yyyymm, UTC) of which every row has been kept for at least so many months.
 * @param now ms since 1970
 */
export function lastMonthOver(now: number, months: number): number {
  const at = new Date(now);
  const current = at.getUTCFullYear() * 12 + at.getUTCMonth();
  return toMonth(current - months - 1);
}

/** The month after, both yyyymm. */
export const monthAfter = (month: number): number => toMonth(toCount(month) + 1);

/** First instant of a month (yyyymm, UTC), ms since 1970. */
export const startOf = (month: number): number => Date.UTC(Math.floor(month / 100), (month % 100) - 1, 1);

/** How a table is cut: by lane, category and month of reception, or by month alone (sums). */
export interface Cut {
  readonly by: 'category' | 'month';
  /** Column whose month it is. */
  readonly time: string;
}

/**
 * Reads how a table of ours is cut; undefined for one that knows no retention, such as one of held rows. Sums are aggregates; days
 * made as a whole replace each other.
 */
export function cutOf(partitionKey: string, engine: string): Cut | undefined {
  const category = /^\(?lane, retention, toYYYYMM\((\w+)\)\)?$/.exec(partitionKey)?.[1];
  if (category !== undefined) return { by: 'category', time: category };
  if (!/(Aggregating|Replacing)MergeTree$/.test(engine)) return undefined;
  const month = /^toYYYYMM\((\w+)\)$/.exec(partitionKey)?.[1];
  return month === undefined ? undefined : { by: 'month', time: month };
}

const categories: Readonly<Record<string, Category>> = { audit: 'audit', own: 'own', ops: 'ops', raw: 'raw' };

/**
 * Category, lane and month of a partition.
 * @param partition its value as ClickHouse writes it: `('audit','raw',202611)` or `202611`
 * @returns undefined for what is never purged: evidence
 */
export function partitionOf(
  { by }: Cut,
  partition: string
): { readonly category: Category; readonly lane: string; readonly month: number } | undefined {
  if (by === 'month')
    return /^\d{6}$/.test(partition) ? { category: 'rollup', lane: '', month: Number(partition) } : undefined;
  const told = /^\('(\w+)','(\w+)',(\d{6})\)$/.exec(partition);
  const category = categories[told?.[2] ?? ''];
  return told && category ? { category, lane: told[1] ?? '', month: Number(told[3]) } : undefined;
}
