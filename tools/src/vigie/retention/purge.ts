import { createPrivateKey } from 'node:crypto';
import { heldBack } from '@vigie/custody/retention/held-back';
import { doomedPartitions } from '@vigie/custody/retention/partitions';
import { policyOf } from '@vigie/custody/retention/policy';
import { purgePlan, purgePreview } from '@vigie/custody/retention/preview';
import { purge } from '@vigie/custody/retention/purge';
import { CommandError, readFlags, type Command } from '../command.ts';
import { deedFlags, deedHelp, runDeed } from '../deed.ts';
import { placeFlags, placeOf } from '../place.ts';
import { ForwardQueuesOf, withdrawnLines } from '../withdraw.ts';

/** vigie retention purge: drops what the policy no longer keeps, its signed record first. */
const command: Command = {
  help: `npx vigie retention purge [--confirm DIGEST --reason TEXT]

Drops, month by month, what retention in vigie.yaml no longer keeps: the signed record of what goes is stored first, then the
partitions go. Events and messages under hold stay where the hold put them. Cut short, run it again: it goes on.

${deedHelp}`,
  async run(args, terminal) {
    const { values } = readFlags(args, { ...placeFlags, ...deedFlags });
    const place = placeOf(values);
    const client = place.writer();
    try {
      const doomed = await doomedPartitions(client, policyOf(place.group()), Date.now());
      const held = await heldBack(client, doomed);
      if (held.length > 0) throw new CommandError(`${held.join('\n')}\nNothing was changed.`);
      return await runDeed(
        {
          act: 'retention-purge',
          plan: purgePlan(doomed),
          preview: await purgePreview(client, doomed),
          nothing:
            doomed.length === 0 ? 'Everything that is stored is still kept: nothing to purge.' : undefined,
          async carryOut(told) {
            const signingKey = createPrivateKey(place.key('evidence.key'));
            const waited = await new ForwardQueuesOf(place, terminal.say).withdrawPurged(doomed, told.audit);
            const count = await purge(doomed, { client, signingKey, ...told, progress: terminal.say });
            return [`${count} partitions were purged.`, ...withdrawnLines(waited)];
          }
        },
        values,
        place,
        terminal
      );
    } finally {
      await client.close();
    }
  }
};
export default command;
