import type { CensusRecord } from '@vigie/schemas/facts/census';
import { z } from 'zod';
import type { Directory } from '../normalise/directory.ts';
import type { Reception } from '../reception.ts';
import { askDay, type Ask, type CensusPull, type ToldStudy } from './census-ask.ts';
import { compareDay, DayState } from './census-diff.ts';
import { findStudies } from './census-find.ts';
import { searchStudies } from './census-qido.ts';
import { daysToAsk } from './census-days.ts';
import { believe, Trust } from './census-trust.ts';
import { keepWhenRoom, PullError, report, type PullDependencies } from './pull.ts';
import { pause, repeat, type Schedule } from './schedule.ts';

/** When each day of the window was asked last, and how large answers may be believed. */
const Progress = z.object({ asked: z.record(z.string(), z.number()), trust: Trust });
type Progress = z.infer<typeof Progress>;
/** Studies of one record in the spool. */
const perRecord = 1_000;

/**
 * Counts what an archive holds, day by day, and tells what changed. A day's state moves in the transaction that keeps what was
 * told of it, so a crash repeats nothing. An archive that gives no answer stops the turn; a day it answers in part is told as such.
 */
export function startCensusPull(
  pull: CensusPull,
  dependencies: PullDependencies & { readonly directory: Directory }
): Schedule {
  const census = new Census(pull, dependencies);
  return repeat(
    pull.every_seconds * 1000,
    (signal) => census.run(signal),
    (error) => report(pull.id, error, dependencies)
  );
}

class Census {
  readonly #pull: CensusPull;
  readonly #dependencies: PullDependencies & { readonly directory: Directory };
  #nextAt = 0;

  constructor(pull: CensusPull, dependencies: PullDependencies & { readonly directory: Directory }) {
    this.#pull = pull;
    this.#dependencies = dependencies;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { now = Date.now, observe, spool } = this.#dependencies;
    const parsed = Progress.safeParse(spool.cursor(this.#name()));
    let progress: Progress = parsed.success ? parsed.data : { asked: {}, trust: {} };
    const { due, over } = daysToAsk(this.#pull.days, progress.asked, now());
    for (const [index, day] of due.entries()) {
      if (signal.aborted) return;
      observe.progress?.(this.#pull.id, index, due.length);
      const at = now();
      const before = this.#stateOf(day);
      const first = await askDay(this.#ask, day, signal);
      const { answer, trust } = await believe(first, {
        day,
        before,
        neighbour: (near) => Object.keys(this.#stateOf(near)).length,
        trust: progress.trust,
        ask: this.#ask,
        signal
      });
      if (signal.aborted) return;
      const { told, after } = compareDay(before, answer, this.#siteOf);
      if (answer.gap !== undefined)
        observe.failed(
          this.#pull.id,
          'partial',
          `the archive ${this.#pull.system} gave a part of ${day} only (${answer.gap}): raise its limit of answers, or max_studies of the pull`
        );
      const asked = { ...progress.asked, [day]: at };
      for (const gone of over) delete asked[gone];
      progress = { asked, trust };
      const forgotten = index === 0 ? over.map((gone) => ({ id: this.#name(gone), value: undefined })) : [];
      const cursors = [
        { id: this.#name(), value: progress },
        { id: this.#name(day), value: after },
        ...forgotten
      ];
      const receptions = this.#receptions(day, at, told);
      if ((await keepWhenRoom(receptions, cursors, this.#dependencies, signal)) === null) return;
      observe.pulled(this.#pull.id, receptions.length);
    }
    observe.progress?.(this.#pull.id, due.length, due.length);
  }

  /** Name of a cursor: of the days asked, or of one day's state. */
  #name(day?: string): string {
    return day === undefined ? `census:${this.#pull.id}` : `census:${this.#pull.id}:${day}`;
  }

  #stateOf(day: string): DayState {
    const parsed = DayState.safeParse(this.#dependencies.spool.cursor(this.#name(day)));
    return parsed.success ? parsed.data : {};
  }

  /** Each question waits for its turn: at most so many a minute, evenly. */
  readonly #ask: Ask = (query, signal) => {
    const wait = async () => {
      const turn = 60_000 / this.#pull.max_queries_per_minute;
      const at = Math.max(performance.now(), this.#nextAt);
      this.#nextAt = at + turn;
      await pause(at - performance.now(), signal);
      if (signal.aborted) throw new PullError('timeout', 'the collector stops');
    };
    return this.#pull.protocol === 'qido'
      ? searchStudies(this.#pull, query, signal, wait)
      : wait().then(() => findStudies(this.#pull, query, signal));
  };

  readonly #siteOf = ({ institution, accession }: ToldStudy): string => {
    const { directory } = this.#dependencies;
    const prefixed = this.#pull.sites_by_accession.find(({ prefix }) => accession.startsWith(prefix));
    return (
      directory.siteByAlias(institution)?.id ??
      prefixed?.site ??
      directory.systemById(this.#pull.system)?.site ??
      ''
    );
  };

  #receptions(
    day: string,
    at: number,
    { studies, ...told }: ReturnType<typeof compareDay>['told']
  ): Reception[] {
    const { now = Date.now } = this.#dependencies;
    const { system, url, host = '' } = this.#pull;
    const common = { occurred_at: new Date(at).toISOString(), system, study_date: day };
    const records: Partial<CensusRecord>[] = [{ ...common, ...told, studies: studies.slice(0, perRecord) }];
    for (let from = perRecord; from < studies.length; from += perRecord)
      records.push({
        ...common,
        complete: told.complete,
        ...(told.reason && { reason: told.reason }),
        studies: studies.slice(from, from + perRecord)
      });
    return records.map((record) => ({
      raw: Buffer.from(JSON.stringify(record)),
      format: 'census',
      transport: 'pull',
      peer: url === undefined ? host : new URL(url).hostname,
      source: system,
      receivedAt: now()
    }));
  }
}
