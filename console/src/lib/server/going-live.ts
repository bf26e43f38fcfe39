import { DateTime } from 'luxon';
import { judge, type Measures } from '#lib/going-live/lines.ts';
import type { Reader } from './access/reader.ts';
import { systemsSeen } from './access/systems-seen.ts';
import { context } from './context.ts';
import {
  archiveFigures,
  echoChecks,
  examsByDay,
  examsComplete,
  insQualified,
  modalitiesSeen,
  studiesHeld,
  unknownSenders,
  worklistSeen
} from './query/going-live.ts';

const zone = 'Europe/Paris';
/** Figures are those of the last finished week; modalities and worklist of the month in which they are tried. */
const [weekDays, triedDays] = [7, 30] as const;

/** Sites within the reader's scope that join, or have joined not long ago, with each line judged. */
export async function sitesGoingLive(reader: Reader, now: Date) {
  const { config } = context();
  const { sites, going_live: told } = config.group;
  const today = DateTime.fromJSDate(now, { zone }).startOf('day');
  const joining = sites.filter(({ establishment, live_on: liveOn }) => {
    if (liveOn === undefined || !reader.scope.includes(establishment)) return false;
    return today.diff(DateTime.fromISO(liveOn, { zone }), 'days').days <= told.days;
  });
  return Promise.all(
    joining.map(async ({ id, name, live_on: liveOn = '' }) => {
      const found = await measure(reader, id, DateTime.fromISO(liveOn, { zone }), today, now);
      return {
        id,
        name,
        liveOn,
        days: Math.floor(today.diff(DateTime.fromISO(liveOn, { zone }), 'days').days),
        ...found,
        lines: judge(found.measures, told.thresholds, reader.role === 'direction')
      };
    })
  );
}

async function measure(reader: Reader, site: string, liveOn: DateTime, today: DateTime, now: Date) {
  const { client, config } = context();
  const { systems: all, going_live: told } = config.group;
  const modalities = all.filter((one) => one.kind === 'modality' && one.site === site);
  const systems = modalities.map(({ id }) => id);
  const week = {
    scope: reader.scope,
    site,
    systems,
    from: today.minus({ days: weekDays }).toJSDate(),
    to: now
  };
  const month = { ...week, from: today.minus({ days: triedDays }).toJSDate() };
  const finished = { ...week, to: today.toJSDate() };
  const firstDays = DateTime.max(liveOn, today.minus({ days: 400 }));
  const [[seen], [worklist], [echo], [exams], [ins], senders, days] = await Promise.all([
    modalitiesSeen.ask(client, month),
    worklistSeen.ask(client, month),
    echoChecks.ask(client, week),
    examsComplete.ask(client, finished),
    insQualified.ask(client, week),
    unknownSenders.ask(client, week),
    examsByDay.ask(client, { ...week, from: firstDays.toJSDate(), to: today.toJSDate() })
  ]);
  const expected = told.expected.find((one) => one.site === site)?.exams_per_day;
  const count = (from: DateTime, to: DateTime) =>
    days
      .filter(({ day }) => day >= (from.toISODate() ?? '') && day < (to.toISODate() ?? ''))
      .reduce((sum, one) => sum + one.exams, 0);
  const lastWeek = count(today.minus({ days: weekDays }), today);
  const measures: Measures = {
    modalities:
      modalities.length === 0 ? undefined : { part: seen?.stored.length ?? 0, of: modalities.length },
    echo: echo && echo.checks > 0 ? { part: echo.successes, of: echo.checks } : undefined,
    worklist:
      worklist && worklist.seen > 0 ? { part: worklist.asking.length, of: modalities.length } : undefined,
    ins: ins && ins.told > 0 ? { part: ins.qualified, of: ins.all } : undefined,
    complete: exams && exams.told > 0 ? { part: exams.available, of: exams.ended } : undefined,
    senders: { part: senders.length, of: senders.length },
    volume:
      expected === undefined || today < liveOn.plus({ days: weekDays })
        ? undefined
        : { part: lastWeek, of: Math.round(expected * weekDays) }
  };
  const withhold = reader.role === 'direction';
  const perDay = (sum: number) => (withhold && sum > 0 && sum < 11 ? undefined : sum / weekDays);
  return {
    measures,
    missing: modalities
      .filter(({ id }) => !seen?.stored.includes(id))
      .map(({ id, name, ae_titles: titles }) => ({
        name,
        titles,
        echoed: seen?.echoed.includes(id) ?? false
      })),
    senders,
    volume: {
      first:
        today >= liveOn.plus({ days: weekDays })
          ? perDay(count(liveOn, liveOn.plus({ days: weekDays })))
          : undefined,
      last: perDay(lastWeek),
      expected
    }
  };
}

/** Each migration of vigie.yaml between archives the reader sees: as many days before it and after it, of both archives. */
export async function migrationsOf(reader: Reader, now: Date) {
  const { client, config } = context();
  const today = DateTime.fromJSDate(now, { zone }).startOf('day');
  const seen = new Set(systemsSeen(reader, config.group).map(({ id }) => id));
  const visible = config.group.going_live.migrations.filter(({ from, to }) => seen.has(from) && seen.has(to));
  return Promise.all(
    visible.map(async ({ id, name, from, to, on, days }) => {
      const day = DateTime.fromISO(on, { zone });
      const end = DateTime.min(today, day.plus({ days }));
      const window = (start: DateTime, stop: DateTime) => ({
        scope: reader.scope,
        systems: [from, to],
        from: start.toJSDate(),
        to: stop.toJSDate()
      });
      const [before, after, held] = await Promise.all([
        archiveFigures.ask(client, window(day.minus({ days }), day)),
        end > day ? archiveFigures.ask(client, window(day, end)) : [],
        studiesHeld.ask(client, { ...window(day, day), from: new Date('1990-01-01'), to: now })
      ]);
      const of = (rows: typeof before, system: string) => {
        const row = rows.find((one) => one.system === system);
        return {
          transfers: row?.transfers ?? 0,
          failedShare: row && row.transfers > 0 ? (100 * row.failed) / row.transfers : null,
          megabytesPerSecond:
            row?.bytes && row.duration_ms ? row.bytes / 1e6 / (row.duration_ms / 1000) : null,
          available: row && row.checks > 0 ? (100 * row.successes) / row.checks : null
        };
      };
      const studies = (system: string) => held.find((one) => one.system === system)?.studies;
      return {
        id,
        name,
        on,
        daysBefore: days,
        daysAfter: Math.max(0, Math.floor(end.diff(day, 'days').days)),
        archives: [from, to].map((system) => ({
          system,
          before: of(before, system),
          after: of(after, system),
          studies: studies(system)
        }))
      };
    })
  );
}
