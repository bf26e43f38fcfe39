import { Cron } from 'croner';
import { join } from 'node:path';
import { readHead } from '@vigie/evidence/head/head';
import type { Report } from '@vigie/evidence/verify/report';
import { evidenceVerified, processDoer } from '@vigie/schemas/own-audit';
import type { ClickHouseClient } from '@vigie/store';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { ConsoleConfig } from '../../lib/server/config.ts';
import type { OwnAudit } from '../../lib/server/own-audit/own-audit.ts';
import {
  dutyOf,
  newPart,
  oldPart,
  suspectsOf,
  turnAfter,
  withSuspects,
  type Period,
  type Turn
} from './plan.ts';
import { runThread } from './run-thread.ts';
import type { StateFile } from './state.ts';

interface Parts {
  readonly client: ClickHouseClient;
  readonly config: ConsoleConfig;
  readonly ownAudit: OwnAudit;
  readonly log: Logger;
  readonly state: StateFile;
}

/** A start is no moment for it: what was missed while Vigie stood still is made up for a little later. */
const afterStartMs = 120_000;

/**
 * Verifies the log on the schedule of vigie.yaml, one part after the other, gently: a part of the old log, what is new, and days
 * where something was found before. The last head that was verified, and how far the old part came, are kept in the state.
 */
export class VerificationSchedule {
  readonly #parts: Parts;
  readonly #stop = new AbortController();
  readonly #cron: Cron | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { schedule } = parts.config.group.evidence.verify;
    if (schedule === 'off') {
      parts.state.change(({ verify: _, ...state }) => state);
      // What was found stays an alarm until it is mended, on whatever schedule it was found.
      if (parts.state.get().suspects.length > 0) this.#later('again', afterStartMs);
      return;
    }
    const now = Date.now();
    parts.state.change((state) => ({ ...state, verify: dutyOf(schedule, state.verify, now) }));
    this.#cron = new Cron(schedule, { timezone: 'Europe/Paris' }, () => void this.#go('all'));
    this.#later(turnAfter(parts.state.get().verify, { what: 'again', now }).what, afterStartMs);
  }

  async stop(): Promise<void> {
    this.#cron?.stop();
    clearTimeout(this.#timer);
    this.#stop.abort();
    await this.#running;
  }

  #later(what: Turn, ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#stop.signal.aborted) this.#timer = setTimeout(() => void this.#go(what), ms);
  }

  /** One at a time: what comes while one runs is covered by it or follows it. */
  #go(what: Turn): Promise<void> {
    this.#running ??= this.#work(what)
      .then(
        () => false,
        (error: unknown) => {
          const reason = error instanceof Error ? error.message : String(error);
          if (!this.#stop.signal.aborted)
            this.#parts.log.error({ error: reason }, 'the evidence could not be verified');
          return true;
        }
      )
      .then((failed) => {
        this.#running = undefined;
        const next = turnAfter(this.#parts.state.get().verify, { what, failed, now: Date.now() });
        this.#later(next.what, next.ms);
      });
    return this.#running;
  }

  async #work(what: Turn): Promise<void> {
    const { state } = this.#parts;
    await this.#again();
    if (what === 'again') return;
    const { client, config } = this.#parts;
    const current = await readHead(client, Date.now());
    const fresh = newPart(state.get().head, current);
    const old = oldPart(state.get(), config.group.evidence.verify.old_days, await firstSealed(client), fresh);
    if (old) {
      await this.#part('old', old);
      state.change((known) => ({ ...known, oldUntil: old.to }));
    }
    const { findings } = await this.#part('new', fresh);
    // Against a head that names more than there is, the missing blocks must go on showing.
    const truncated = findings.some(({ code }) => code === 'truncated');
    state.change((known) => ({
      ...known,
      ...(!truncated && { head: current }),
      ...(known.verify && { verify: { ...known.verify, doneAt: Date.now() } })
    }));
  }

  /** Verifies what was suspect: what is whole now no longer is. */
  async #again(): Promise<void> {
    const { state } = this.#parts;
    for (const suspect of state.get().suspects) {
      // Found again with another of this turn: the one that replaced it is verified the next time.
      if (!state.get().suspects.includes(suspect)) continue;
      await this.#part('again', suspect, suspect.since);
      state.change((known) => ({ ...known, suspects: known.suspects.filter((one) => one !== suspect) }));
    }
  }

  async #part(part: 'new' | 'old' | 'again', { from, to }: Period, since = Date.now()): Promise<Report> {
    const { config, log, ownAudit, state } = this.#parts;
    const report = await runThread(
      {
        store: config.store,
        keysFolder: join(config.dataFolder, 'keys'),
        from,
        to,
        head: part === 'old' ? undefined : state.get().head,
        gentle: true
      },
      this.#stop.signal
    );
    await ownAudit.record(evidenceVerified(processDoer('watch'), Date.now(), { ...toldOf(report), part }));
    if (report.cancelled) throw new Error('the verification was stopped');
    const { found, seconds } = report;
    log[found > 0 ? 'error' : 'info']({ part, found, seconds }, 'the evidence was verified');
    const suspects = suspectsOf(report, { from, to }, since);
    if (suspects.length > 0)
      state.change((known) => ({ ...known, suspects: withSuspects(known.suspects, suspects) }));
    return report;
  }
}

function toldOf({ level, chains, found, cancelled, from, to }: Report) {
  const sum = (of: 'blocks' | 'records') => chains.reduce((total, chain) => total + chain[of], 0);
  return { level, blocks: sum('blocks'), records: sum('records'), found, cancelled, from, to };
}

/** When the first block was sealed, ms. */
async function firstSealed(client: ClickHouseClient): Promise<number | undefined> {
  const result = await client.query({
    query: `SELECT toUnixTimestamp64Milli(min(sealed_at)) AS at, count() AS blocks FROM audit.block WHERE kind = 'block'`,
    format: 'JSONEachRow',
    clickhouse_settings: { log_comment: 'watch.first-sealed' }
  });
  const [row] = z.array(z.object({ at: z.number(), blocks: z.number() })).parse(await result.json());
  return row && row.blocks > 0 ? row.at : undefined;
}
