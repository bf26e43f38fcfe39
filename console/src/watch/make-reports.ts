import type { Board } from '@vigie/dashboards';
import { Cron } from 'croner';
import { processDoer, reportExported } from '@vigie/schemas/own-audit';
import type { ClickHouseClient } from '@vigie/store';
import { DateTime } from 'luxon';
import type { Logger } from 'pino';
import { group } from '../lib/reports/report.ts';
import type { ConsoleConfig } from '../lib/server/config.ts';
import type { OwnAudit } from '../lib/server/own-audit/own-audit.ts';
import { simulated } from '../lib/server/query/signals.ts';
import { buildReport } from '../lib/server/reports/build-report.ts';
import { keepReport, keptReport, mustBeWhole } from '../lib/server/reports/keep.ts';
import { languages } from '../lib/text/language.ts';
import { dutyOf, lateSince } from './verify/plan.ts';
import type { StateFile } from './verify/state.ts';

interface Parts {
  readonly client: ClickHouseClient;
  readonly config: ConsoleConfig;
  readonly boards: readonly Board[];
  readonly ownAudit: OwnAudit;
  readonly log: Logger;
  readonly state: StateFile;
}

/** A start is no moment for it: what was missed while Vigie stood still is made up for a little later. */
const afterStartMs = 180_000;
const zone = 'Europe/Paris';
/** Reports that could not be made are tried again: soon, then each hour until they are made. */
const retryMs = [600_000, 3_600_000] as const;

/**
 * Makes and keeps the reports of the month before, of the group and each site, on the schedule of vigie.yaml. Its time is done when
 * all of them are kept; what failed, or was missed while nothing ran, is made later.
 * @returns what stops it; undefined when none are to be made
 */
export function scheduleReports(parts: Parts): { readonly stop: () => void } | undefined {
  const { schedule } = parts.config.group.reports;
  const { state } = parts;
  if (schedule === 'off') {
    state.change(({ reports: _, ...known }) => known);
    return undefined;
  }
  state.change((known) => ({ ...known, reports: dutyOf(schedule, known.reports, Date.now()) }));
  const dueAt = () => {
    const { reports } = state.get();
    return reports && lateSince(reports, Date.now(), 0);
  };
  let stopped = false;
  let running = false;
  let timer: NodeJS.Timeout | undefined;
  const later = (ms: number, failures: number) => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => void go(failures), ms);
  };
  const go = async (failures: number): Promise<void> => {
    const due = dueAt();
    if (running || due === undefined) return;
    running = true;
    const done = await makeAll(parts, due, () => stopped);
    running = false;
    // Other times of that month would make the same again; those of months after it are still to come.
    const monthEnd = DateTime.fromMillis(due, { zone }).endOf('month').toMillis();
    if (!done) {
      const next = lateSince({ schedule, since: due, doneAt: monthEnd }, Date.now(), 0);
      if (stopped || next === undefined) return later(failures === 0 ? retryMs[0] : retryMs[1], failures + 1);
      // What one month cannot be made of must not keep the months after it from being made.
      parts.log.error(
        { due: new Date(due).toISOString() },
        'reports of that time are given up: those of a later month are due'
      );
    }
    const doneAt = Math.min(Date.now(), monthEnd);
    state.change((known) => ({ ...known, reports: { schedule, since: due, doneAt } }));
    if (dueAt() !== undefined) later(0, 0);
  };
  // A moment later: its time has come to the millisecond then, by the same clock.
  const cron = new Cron(schedule, { timezone: zone }, () => later(1000, 0));
  if (dueAt() !== undefined) later(afterStartMs, 0);
  return {
    stop() {
      stopped = true;
      cron.stop();
      clearTimeout(timer);
    }
  };
}

/** Makes those that are not kept since they were due, ms. @returns whether all are kept now */
async function makeAll(parts: Parts, due: number, stopped: () => boolean): Promise<boolean> {
  const { config, log } = parts;
  const month = DateTime.fromMillis(due, { zone }).minus({ months: 1 }).toFormat('yyyy-MM');
  let done = true;
  for (const subject of [group, ...config.group.sites.map(({ id }) => id)]) {
    if (stopped()) return false;
    const isKept = languages.every((language) => {
      const kept = keptReport(config.dataFolder, { month, subject, language });
      return kept !== undefined && Date.parse(kept.madeAt) >= due;
    });
    if (isKept) continue;
    try {
      await make(parts, month, subject);
      log.info({ month, subject }, 'a report was made');
    } catch (error) {
      done = false;
      log.error(
        { month, subject, error: error instanceof Error ? error.message : String(error) },
        'a report could not be made, and will be made again'
      );
    }
  }
  return done;
}

/** @throws when a part of it could not be computed, or it could not be audited or written: nothing is kept then */
async function make(
  { client, config, boards, ownAudit, log }: Parts,
  month: string,
  subject: string
): Promise<void> {
  const now = new Date();
  const failed = (panel: string, error: unknown) =>
    log.error(
      { panel, error: error instanceof Error ? error.message : String(error) },
      'a panel of a report failed'
    );
  const parts = { client, config: config.group, boards, now, simulated: await simulated(client), failed };
  const made = [];
  for (const language of languages) made.push(await buildReport(parts, { month, subject, language }));
  // What cannot be kept is not said to have been made.
  made.forEach(mustBeWhole);
  const about = `/reports/${month}/${subject}`;
  await ownAudit.record(reportExported(processDoer('watch'), now.getTime(), { act: 'report-made', about }));
  for (const report of made) await keepReport(config.dataFolder, report);
}
