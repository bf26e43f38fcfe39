import { z } from 'zod';
import type { ClickHouseClient } from '@vigie/store';
import { asking, daysAtOnce, settled, type Difference, type Question } from './compare.ts';
import { examsMade } from './exams-made.ts';
import type { Derived } from './views.ts';

/** Exams of which something was received in a period, ms since 1970: a bound of the question. All exams without it. */
export interface Received {
  readonly from: number;
  readonly to: number;
}

const dayMs = 86_400_000;
const Span = z.object({ first: z.number(), last: z.number() });
const Day = z.object({ day: z.string(), messages: z.number() });
/** Messages that one question reads: a million took 2.3 s of one core, and 50 MB. */
const messagesAtOnce = 2_000_000;

/**
 * Compares a table of whole exams with what its messages come to: all exams of all days; or those of which something was received in
 * the period. The messages are read where they lie by accession, in a derived table that is compared itself. One question is about the
 * exams of 31 days at most, fewer where they have many messages, and about messages received in 31 days at most: none grows with the
 * history.
 * @param after days up to this one are left out
 */
export async function compareExams(
  client: ClickHouseClient,
  derived: Derived,
  { received, after }: { readonly received: Received | undefined; readonly after: string },
  { signal, ...way }: Pick<Question, 'ask' | 'pauseMs'> & { readonly signal: AbortSignal }
): Promise<Difference[]> {
  const { told } = examsMade(derived);
  const rows = asking(client, signal);
  const found = new Map<string, Difference>();
  for (const some of received ? await windowsOf(rows, derived.base, received) : [undefined]) {
    const named = some ? namedIn(derived.base) : '';
    const days = await rows(
      Day,
      `SELECT toString(one) AS day, sum(of_day) AS messages FROM (
         SELECT day AS one, count() AS of_day FROM ${derived.target} WHERE ${named || '1'} GROUP BY one
         UNION ALL SELECT arrayJoin(${daysOfMessage}) AS one, count() AS of_day FROM ${told} WHERE ${named || '1'} GROUP BY one
       ) WHERE one > {after:Date} GROUP BY one ORDER BY one`,
      { after, ...some }
    );
    for (const part of parts(days)) {
      const differences = await settled(
        { ...way, ...questions(derived, named), params: (asked) => ({ days: asked, ...some }) },
        part
      );
      // An exam may be told of in two windows: what differs most of a day is told of it.
      for (const one of differences) if (off(one) > off(found.get(one.day))) found.set(one.day, one);
    }
  }
  return [...found.values()].toSorted((a, b) => a.day.localeCompare(b.day));
}

const off = (one: Difference | undefined) => (one ? Math.abs(one.stored - one.expected) : -1);

/** Days of one question each: 31 at most, and no more than it can read, but for a day that is more by itself. */
export function parts(days: readonly z.infer<typeof Day>[]): string[][] {
  const all: string[][] = [];
  let room = 0;
  for (const { day, messages } of days) {
    const last = all.at(-1);
    if (last && last.length < daysAtOnce && messages <= room) last.push(day);
    else {
      all.push([day]);
      room = messagesAtOnce;
    }
    room -= messages;
  }
  return all;
}

/** Days on which an exam may lie of which a message tells. */
const daysOfMessage = `arrayFilter(one -> isNotNull(one), [toDate(occurred_at, 'Europe/Paris'), toDate(appointment_at, 'Europe/Paris')])`;

const namedIn = (base: string) =>
  `accession IN (SELECT accession FROM ${base} WHERE received_at >= fromUnixTimestamp64Milli({from:Int64}) AND received_at < fromUnixTimestamp64Milli({to:Int64}))`;

function questions(derived: Derived, named: string): Pick<Question, 'stored' | 'expected'> {
  const { target, columns } = derived;
  const and = named ? ` AND ${named}` : '';
  const made = examsMade(derived);
  const touched = `accession IN (SELECT accession FROM ${made.told} WHERE hasAny(${daysOfMessage}, {days:Array(Date)})${and})`;
  const hashed = [...columns.keys()].filter((name) => name !== 'version' && name !== 'gone');
  const hash = hashed.map((name) => `ifNull(toString(${name}), '-')`).join(', ');
  const perDay = (rows: string) =>
    `SELECT toString(day) AS told_day, count() AS told_rows, toString(sum(cityHash64(${hash}))) AS told_sum
     FROM (${rows}) WHERE gone = 0 AND day IN {days:Array(Date)} GROUP BY told_day`;
  return {
    stored: perDay(`SELECT * FROM ${target} FINAL WHERE day IN {days:Array(Date)}${and}`),
    expected: perDay(made.of(touched))
  };
}

/** The parts, 31 days at most, of a period in which anything was received. */
async function windowsOf(rows: ReturnType<typeof asking>, base: string, { from, to }: Received) {
  const [span] = await rows(
    Span,
    `SELECT toUnixTimestamp64Milli(min(received_at)) AS first, toUnixTimestamp64Milli(max(received_at)) AS last FROM ${base}
     WHERE received_at >= fromUnixTimestamp64Milli({from:Int64}) AND received_at < fromUnixTimestamp64Milli({to:Int64}) HAVING count() > 0`,
    { from, to }
  );
  const windows: Received[] = [];
  for (let at = span?.first ?? 1; span && at <= span.last; at += daysAtOnce * dayMs)
    windows.push({ from: at, to: Math.min(at + daysAtOnce * dayMs, span.last + 1) });
  return windows;
}
