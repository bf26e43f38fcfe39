import { Cron } from 'croner';
import { DateTime } from 'luxon';
import type { Head } from '@vigie/evidence/head/head';
import type { Report } from '@vigie/evidence/verify/report';
import { z } from 'zod';
import type { Duty, EvidenceState, Suspect } from './state.ts';

/** A period of the chain, ms since 1970; open where left out. */
export interface Period {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** How long after its time a duty may still be under way. */
const graceMs = 3 * 3_600_000;
const zone = 'Europe/Paris';
const Sealed = z.object({ sealed_at: z.number() });

const sealedAt = (one: Head['chains'][number]) => Sealed.parse(JSON.parse(one.header.text)).sealed_at;
const dayOf = (ms: number) => DateTime.fromMillis(ms, { zone }).startOf('day');
const nameOf = ({ collector, lane }: { readonly collector: string; readonly lane: string }) =>
  `${collector}/${lane}`;

/**
 * What is new: everything from the day on in which the first chain that grew was last verified. Whole days, so that each day of the
 * page is covered by one verification.
 */
export function newPart(verified: Head | undefined, current: Head): Period {
  const before = new Map(verified?.chains.map((one) => [nameOf(one), one]));
  const grown = current.chains.filter((one) => before.get(nameOf(one))?.header.hash !== one.header.hash);
  const from = (grown.length > 0 ? grown : current.chains).map((one) => {
    const known = before.get(nameOf(one));
    return known === undefined ? 0 : dayOf(sealedAt(known)).toMillis();
  });
  const earliest = Math.min(...from);
  return earliest > 0 && Number.isFinite(earliest) ? { from: earliest } : {};
}

/**
 * The next days of the old log, from where the last time ended and from the beginning again at its end. Undefined when what is new
 * is all there is.
 * @param first when the first block was sealed, ms
 */
export function oldPart(
  { oldUntil }: Pick<EvidenceState, 'oldUntil'>,
  days: number,
  first: number | undefined,
  { from: end }: Period
): { readonly from: number; readonly to: number } | undefined {
  if (days === 0 || first === undefined || end === undefined || first >= end) return undefined;
  const begins = dayOf(oldUntil === undefined || oldUntil >= end || oldUntil < first ? first : oldUntil);
  return { from: begins.toMillis(), to: Math.min(begins.plus({ days }).toMillis(), end) };
}

/** What remains to be verified again of a period: the days in which something was found, or all of it where that is not known. */
export function suspectsOf(
  { found, findings }: Pick<Report, 'found' | 'findings'>,
  { from, to }: Period,
  now: number
): Suspect[] {
  if (found === 0) return [];
  const days = Map.groupBy(
    findings.flatMap(({ sealedAt: at }) => at ?? []),
    (at) => dayOf(at).toMillis()
  );
  const named = [...days.values()].reduce((sum, one) => sum + one.length, 0);
  if (named < found || days.size > 100)
    return [{ ...(from !== undefined && { from }), ...(to !== undefined && { to }), found, since: now }];
  return [...days].map(([day, one]) => ({
    from: day,
    to: dayOf(day).plus({ days: 1 }).toMillis(),
    found: one.length,
    since: now
  }));
}

/** What is suspect with what was found now: a period that was suspect already is so once, since it first was. */
export function withSuspects(known: readonly Suspect[], found: readonly Suspect[]): Suspect[] {
  const same = (one: Suspect) => (other: Suspect) => one.from === other.from && one.to === other.to;
  const merged = found.map((one) => ({
    ...one,
    since: Math.min(one.since, ...known.filter(same(one)).map(({ since }) => since))
  }));
  return [...known.filter((one) => !found.some(same(one))), ...merged].slice(-400);
}

/** A duty under its present schedule: a new schedule is awaited from now on. */
export function dutyOf(schedule: string, known: Duty | undefined, now: number): Duty {
  return known?.schedule === schedule ? known : { schedule, since: now };
}

/** When it was due and was not done, ms; undefined when it is not late. A duty is late three hours after its time. */
export function lateSince(
  { schedule, since, doneAt }: Duty,
  now: number,
  grace = graceMs
): number | undefined {
  const due = new Cron(schedule, { timezone: zone, paused: true })
    .nextRun(new Date(doneAt ?? since))
    ?.getTime();
  return due !== undefined && due + grace < now ? due : undefined;
}

/** A whole verification, or one of the days alone where something was found. */
export type Turn = 'all' | 'again';

/** Days where something was found are verified again this often, so that the alarm ends soon after they are mended. */
const againMs = 900_000;
/** One that could not be carried out is tried again. */
const retryMs = 600_000;

/**
 * What follows a turn, and after how long, ms. The time of a whole verification that came while another turn ran is made up for at
 * once: nothing else remembers it.
 */
export function turnAfter(
  verify: Duty | undefined,
  { what, failed = false, now }: { readonly what: Turn; readonly failed?: boolean; readonly now: number }
): { readonly what: Turn; readonly ms: number } {
  const due = verify !== undefined && lateSince(verify, now, 0) !== undefined;
  if (failed) return { what: due ? 'all' : what, ms: retryMs };
  return due ? { what: 'all', ms: 0 } : { what: 'again', ms: againMs };
}

/** What is wrong with the evidence now, as the watch judges it. Times are ms since 1970. */
export interface EvidenceTrouble {
  readonly found: number;
  readonly foundSince: number;
  readonly unverifiedSince: number | undefined;
  readonly unpublishedSince: number | undefined;
}

export function troubleOf({ suspects, verify, publish }: EvidenceState, now: number): EvidenceTrouble {
  return {
    found: suspects.reduce((sum, { found }) => sum + found, 0),
    foundSince: Math.min(now, ...suspects.map(({ since }) => since)),
    unverifiedSince: verify && lateSince(verify, now),
    unpublishedSince: publish?.failedSince ?? (publish && lateSince(publish, now))
  };
}
