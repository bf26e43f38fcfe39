import { createPrivateKey } from 'node:crypto';
import { hostname } from 'node:os';
import { Cron } from 'croner';
import { heldBack } from '@vigie/custody/retention/held-back';
import { doomedPartitions } from '@vigie/custody/retention/partitions';
import { policyOf } from '@vigie/custody/retention/policy';
import { purgePlan, purgePreview } from '@vigie/custody/retention/preview';
import { purge } from '@vigie/custody/retention/purge';
import { operatorAct } from '@vigie/schemas/own-audit';
import type { Signal } from '@vigie/schemas/facts/signal';
import { CommandError, exitCodes, readFlags, type Command, type Terminal } from '../command.ts';
import { digestOf } from '../deed.ts';
import { placeFlags, placeOf, type Place } from '../place.ts';
import { ForwardQueuesOf, withdrawnLines } from '../withdraw.ts';

/** vigie retention keep: purges on the schedule of vigie.yaml, until it is stopped. */
const command: Command = {
  help: `npx vigie retention keep

Purges what retention no longer keeps whenever retention.purge in vigie.yaml says so, until it is stopped; npm start runs it where a
schedule is written there. The same as \`vigie retention purge\`: what goes is told on stdout, written to Vigie's own log, and its signed
record stored, before anything is touched. Where a hold names what is not copied yet, nothing is touched, and the overview says so.`,
  async run(args, terminal) {
    const { values } = readFlags(args, placeFlags);
    const place = placeOf(values);
    const { purge: schedule } = place.group().retention;
    if (schedule === 'off')
      throw new CommandError(
        'retention.purge in vigie.yaml is off: write when to purge, such as "0 3 2 * *".'
      );
    let failedSince: number | undefined;
    const cron = new Cron(schedule, { timezone: 'Europe/Paris', protect: true }, async () => {
      try {
        await purgeNow(place, schedule, terminal);
      } catch (error) {
        failedSince ??= Date.now();
        terminal.say(`Not purged: ${told(error)}`);
        await place.signal(signalOf('opened', failedSince)).catch(() => undefined);
        return;
      }
      try {
        await place.signal(signalOf('closed', failedSince ?? Date.now()));
        failedSince = undefined;
      } catch (error) {
        terminal.say(`The overview was not told that the purge went well: ${told(error)}`);
      }
    });
    terminal.out(JSON.stringify({ ready: true, process: 'retention' }));
    terminal.say(`The next purge is due on ${cron.nextRun()?.toISOString() ?? 'no day'}.`);
    await new Promise((resolve) => terminal.cancelled.addEventListener('abort', resolve, { once: true }));
    cron.stop();
    return exitCodes.good;
  }
};
export default command;

/** One purge: preview, own event, signed records, partitions. */
async function purgeNow(place: Place, schedule: string, terminal: Terminal): Promise<void> {
  const client = place.writer();
  try {
    const doomed = await doomedPartitions(client, policyOf(place.group()), Date.now());
    if (doomed.length === 0)
      return terminal.say('Everything that is stored is still kept: nothing to purge.');
    const held = await heldBack(client, doomed);
    if (held.length > 0) throw new Error(held.join(' '));
    for (const line of await purgePreview(client, doomed)) terminal.out(line);
    const told = { reason: `vigie.yaml, retention.purge: ${schedule}`, at: Date.now() };
    const act = 'retention-purge';
    const audit = await place.record(
      operatorAct({
        act,
        operator: 'vigie-retention',
        host: hostname(),
        plan: digestOf([act, purgePlan(doomed)]),
        ...told
      })
    );
    const signingKey = createPrivateKey(place.key('evidence.key'));
    const waited = await new ForwardQueuesOf(place, terminal.say).withdrawPurged(doomed, audit);
    const count = await purge(doomed, { client, signingKey, audit, ...told, progress: terminal.say });
    for (const line of [`${count} partitions were purged.`, ...withdrawnLines(waited)]) terminal.out(line);
  } finally {
    await client.close();
  }
}

const told = (error: unknown) => (error instanceof Error ? error.message : String(error));

const signalOf = (state: Signal['state'], since: number): Signal => ({
  occurred_at: new Date().toISOString(),
  code: 'purge-failed',
  severity: 'warning',
  state,
  subject: 'retention',
  params: { since }
});
