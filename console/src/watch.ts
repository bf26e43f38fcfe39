import { loadBoards } from '@vigie/dashboards/load';
import { createReader } from '@vigie/store';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Signal } from '@vigie/schemas/facts/signal';
import { consoleConfig, type ConsoleConfig } from './lib/server/config.ts';
import { ownAudit } from './lib/server/own-audit/own-audit.ts';
import { tellLife } from './lib/server/own-audit/process-life.ts';
import { openSignals } from './lib/server/query/signals.ts';
import { observe } from './watch/observe.ts';
import { scheduleReports } from './watch/make-reports.ts';
import { scheduleHeads } from './watch/publish-heads.ts';
import { troubleOf } from './watch/verify/plan.ts';
import { VerificationSchedule } from './watch/verify/schedule.ts';
import { StateFile } from './watch/verify/state.ts';
import { changes, findings, judgedCodes } from './watch/rules.ts';

// Looks at the platform again and again, and tells what needs a look, and what no longer does, to the collector's own lane.

function read(): ConsoleConfig {
  try {
    return consoleConfig();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return process.exit(1);
  }
}

const config = read();
const everyMs = config.watchEveryMs;
const log = pino({ level: config.logLevel, base: { process: 'watch' } });
const client = createReader(config.store, 'vigie-watch');
const boards = loadBoards();
const evidence = new StateFile(join(config.dataFolder, 'watch', 'evidence.json'), (error) =>
  log.error(
    { error: error instanceof Error ? error.message : String(error) },
    'what the watch knows of the evidence could not be written'
  )
);
const own = ownAudit(config.collectorUrl, () => config.ownKey());
const life = tellLife('watch', {
  ownAudit: own,
  failed: (error) => log.error({ error: String(error) }, 'the start or stop could not be audited yet')
});

async function tell(signal: Signal): Promise<void> {
  const response = await fetch(`${config.collectorUrl}/v1/own`, {
    method: 'POST',
    headers: { authorization: `Bearer ${config.ownKey()}`, 'content-type': 'application/json' },
    body: JSON.stringify(signal),
    signal: AbortSignal.timeout(5000)
  });
  if (!response.ok) throw new Error(`the collector answered ${response.status} to the signal ${signal.code}`);
}

/** What was told and may not be stored yet: without it the same signal would be told twice. */
const told = new Map<string, { readonly signal: Signal; readonly at: number }>();

async function look(): Promise<void> {
  const now = new Date();
  const unlearned = (error: unknown) =>
    log.error(
      { error: error instanceof Error ? error.message : String(error) },
      'the rhythms of sources could not be learned, and will be in an hour'
    );
  const [seen, stored] = await Promise.all([
    observe(client, config.group, boards, now, unlearned),
    openSignals(client)
  ]);
  const standing = new Map(stored.map((one) => [`${one.code}|${one.subject}`, one]));
  for (const [name, { signal, at }] of told) {
    if (now.getTime() - at > 120_000) told.delete(name);
    else if (signal.state === 'opened') standing.set(name, { ...signal, site: '', since: now });
    else standing.delete(name);
  }
  let failure: unknown;
  for (const signal of changes(
    [...standing.values()],
    findings(config.group, { ...seen, evidence: troubleOf(evidence.get(), now.getTime()) }, now.getTime()),
    judgedCodes,
    now
  )) {
    try {
      await tell(signal);
    } catch (error) {
      // One that is refused must not keep the others from being told.
      failure ??= error;
      continue;
    }
    told.set(`${signal.code}|${signal.subject}`, { signal, at: now.getTime() });
    log.info(
      { code: signal.code, subject: signal.subject, state: signal.state, severity: signal.severity },
      'signal'
    );
  }
  if (failure !== undefined) throw failure;
}

let stopped = false;
let timer: NodeJS.Timeout | undefined;
let pause = everyMs;
async function loop(): Promise<void> {
  try {
    await look();
    pause = everyMs;
  } catch (error) {
    pause = Math.min(pause * 2, 300_000);
    log.error(
      { error: error instanceof Error ? error.message : String(error) },
      'the platform could not be looked at'
    );
  }
  if (!stopped) timer = setTimeout(() => void loop(), pause);
}

const parts = { client, config, ownAudit: own, log, state: evidence };
const heads = scheduleHeads(parts);
const verification = new VerificationSchedule(parts);
const reports = scheduleReports({ ...parts, boards });

async function stop(): Promise<void> {
  stopped = true;
  heads?.stop();
  reports?.stop();
  clearTimeout(timer);
  await verification.stop();
  await Promise.all([client.close(), life.stop()]);
  process.exit(0);
}
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());
process.stdout.write(`${JSON.stringify({ ready: true, process: 'watch' })}\n`);
timer = setTimeout(() => void loop(), Math.min(3000, everyMs));
