import { z } from 'zod';
import type { ClickHouseClient } from '@vigie/store';
import type { Finding } from '../verify/finding.ts';
import { asker, asking, compareDays, dayOf, timeOf } from './compare.ts';
import { compareExams } from './compare-exams.ts';
import { derivedTables, type Derived } from './views.ts';

/** ms since 1970 beyond any row: the last day that a Date of ClickHouse can tell. A later one comes out as a day of 2020. */
const ever = Date.parse('2149-06-06T00:00:00Z');
/** What is of a day may have been received, and purged, well before it: an exam's order, an act told by a clock that was ahead. */
const purgeMarginDays = 62;

const later = (day: string, days: number) =>
  new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);

const Day = z.object({ day: z.string() });

/**
 * Compares every table that ClickHouse derives with the rows it is derived from. They are not signed: what is signed are those rows.
 * @param period days touched by rows received in it, ms since 1970; all where it is open
 * @param skip base tables that were found at fault themselves: what is derived of them says nothing more
 */
export async function verifyDerived(
  client: ClickHouseClient,
  period: { readonly from: number | undefined; readonly to: number | undefined },
  skip: ReadonlySet<string>,
  { signal, pauseMs }: { readonly signal: AbortSignal; readonly pauseMs: number }
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const views = await derivedTables(client);
  const rootOf = (base: string): string => views.find(({ target }) => target === base)?.base ?? base;
  const way = { ask: asker(client, signal), pauseMs };
  for (const derived of views) {
    const root = rootOf(derived.base);
    if (skip.has(root)) continue;
    const differences = derived.whole
      ? await compareExams(
          client,
          derived,
          {
            received:
              period.from === undefined && period.to === undefined
                ? undefined
                : { from: period.from ?? 0, to: period.to ?? ever },
            after: await purgedUntil(client, root, signal)
          },
          { ...way, signal }
        )
      : await compareDays(derived, await daysOf(client, derived, period, root, signal), way);
    for (const { day, stored, expected } of differences)
      findings.push({
        code: 'derived-differs',
        collector: '',
        lane: '',
        table: derived.target,
        sealedAt: Date.parse(`${day}T12:00:00Z`),
        detail: `${day}: ${stored === expected ? `${stored} rows, of other values` : `${stored} rows of ${expected}`}`
      });
  }
  return findings;
}

/** Days (ISO, in order) that rows received in the period are in, and those of the period itself. */
async function daysOf(
  client: ClickHouseClient,
  derived: Derived,
  { from = 0, to = ever }: { readonly from: number | undefined; readonly to: number | undefined },
  root: string,
  signal: AbortSignal
): Promise<string[]> {
  const received = `received_at >= fromUnixTimestamp64Milli({from:Int64}) AND received_at < fromUnixTimestamp64Milli({to:Int64})`;
  const ofBase =
    derived.bucket === undefined
      ? `SELECT DISTINCT toDate(received_at) AS one FROM ${root} WHERE ${received}`
      : timeOf(derived.bucket.sql) === 'study_date'
        ? `SELECT DISTINCT study_date AS one FROM ${root} WHERE ${received}`
        : // Sums of sums are cut by days of Paris, their hours by days of UTC: the day of the act is at most one day off.
          `SELECT DISTINCT arrayJoin([toDate(occurred_at, 'UTC'), toDate(occurred_at, 'Europe/Paris')]) AS one FROM ${root} WHERE ${received}`;
  const ofTable = `SELECT DISTINCT ${dayOf(derived)} AS one FROM ${derived.target} AS t WHERE one >= toDate(fromUnixTimestamp64Milli({from:Int64})) AND one <= toDate(fromUnixTimestamp64Milli({to:Int64}))`;
  const rows = await asking(client, signal)(
    Day,
    `SELECT DISTINCT toString(one) AS day FROM (${ofBase} UNION ALL ${ofTable}) WHERE one > {purged:Date} ORDER BY day`,
    {
      from,
      to,
      // Rows by their sequence are purged with the rows they are derived from.
      purged: derived.bucket === undefined ? '1970-01-01' : await purgedUntil(client, root, signal)
    }
  );
  return rows.map(({ day }) => day);
}

/** Sums outlive the rows they were made of: up to the last signed purge of these they can be compared with nothing. */
async function purgedUntil(client: ClickHouseClient, root: string, signal: AbortSignal): Promise<string> {
  const [row] = await asking(client, signal)(
    Day,
    `SELECT toString(toDate(max(sealed_at), 'Europe/Paris')) AS day FROM audit.block
      WHERE kind = 'block' AND (collector, lane, block) IN (SELECT collector, lane, last_seq FROM audit.block
        WHERE kind = 'purge' AND JSONHas(header, 'removed', {root:String}))`,
    { root }
  );
  return later(row?.day ?? '1970-01-01', purgeMarginDays);
}
