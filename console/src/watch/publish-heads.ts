import { Cron } from 'croner';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Heads } from '@vigie/schemas/config/evidence';
import { headPublished, processDoer } from '@vigie/schemas/own-audit';
import { publishHead } from '@vigie/evidence/head/publish';
import type { ClickHouseClient } from '@vigie/store';
import type { Logger } from 'pino';
import type { ConsoleConfig } from '../lib/server/config.ts';
import type { OwnAudit } from '../lib/server/own-audit/own-audit.ts';
import { dutyOf } from './verify/plan.ts';
import type { EvidenceState, StateFile } from './verify/state.ts';

interface Parts {
  readonly client: ClickHouseClient;
  readonly config: ConsoleConfig;
  readonly ownAudit: OwnAudit;
  readonly log: Logger;
  readonly state: StateFile;
}

/** Pauses before it is tried again whole; the next hour of the schedule comes whatever became of this one. */
const pausesMs = [60_000, 600_000];

/** Publishes the heads on the schedule of vigie.yaml. @returns what stops it; undefined when nothing is to be published */
export function scheduleHeads(parts: Parts): Cron | undefined {
  const { heads } = parts.config.group.evidence;
  const { state } = parts;
  if (!heads) {
    state.change(({ publish: _, ...known }) => known);
    return undefined;
  }
  const now = Date.now();
  state.change((known) => ({
    ...known,
    publish: { ...known.publish, ...dutyOf(heads.schedule, known.publish, now) }
  }));
  return new Cron(heads.schedule, { timezone: 'Europe/Paris', protect: true }, async () => {
    for (const pause of [0, ...pausesMs]) {
      await sleep(pause);
      const good = await publish(parts, heads);
      state.change((known) => ({
        ...known,
        publish: outcomeOf(heads.schedule, known.publish, good, Date.now())
      }));
      if (good) return;
    }
  });
}

/** Pure: what is known of publishing after one more attempt. */
function outcomeOf(schedule: string, known: EvidenceState['publish'], good: boolean, now: number) {
  const { failedSince, ...duty } = { failedSince: undefined, ...known, ...dutyOf(schedule, known, now) };
  return good ? { ...duty, doneAt: now } : { ...duty, failedSince: failedSince ?? now };
}

/** @returns whether all of it was sent */
async function publish({ client, config, ownAudit, log }: Parts, heads: Heads): Promise<boolean> {
  const now = Date.now();
  try {
    const { dataFolder, group } = config;
    const { sha256, sent } = await publishHead(client, heads, {
      dataFolder,
      organisation: group.organisation.name,
      now
    });
    for (const { where, good, detail } of sent) {
      log[good ? 'info' : 'error'](
        { where, detail },
        good ? 'the head was published' : 'the head could not be published'
      );
      await ownAudit.record(headPublished(processDoer('watch'), now, { where, good, sha256 }));
    }
    return sent.every(({ good }) => good);
  } catch (error) {
    log.error(
      { error: error instanceof Error ? error.message : String(error) },
      'the head could not be published'
    );
    return false;
  }
}
