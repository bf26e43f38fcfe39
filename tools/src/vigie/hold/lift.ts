import { dropCopies, recordHold } from '@vigie/custody/hold/acts';
import { lastCopies, readHolds } from '@vigie/custody/hold/holds';
import { CommandError, readFlags, type Command } from '../command.ts';
import { deedFlags, deedHelp, runDeed } from '../deed.ts';
import { placeFlags, placeOf } from '../place.ts';
import { holdName } from './flags.ts';

/** vigie hold lift: ends a hold and removes its copies. */
const command: Command = {
  help: `npx vigie hold lift NAME

Ends a hold and removes its copies. What is still within its retention stays in the log; of what was purged meanwhile the copy under hold
was the last one, and the preview counts those.

${deedHelp}`,
  async run(args, terminal) {
    const { values, positionals } = readFlags(args, { ...placeFlags, ...deedFlags });
    const hold = holdName(positionals);
    const place = placeOf(values);
    const client = place.writer();
    try {
      const found = (await readHolds(client)).find((one) => one.hold === hold);
      if (!found) throw new CommandError(`There is no hold ${hold}: npx vigie hold list tells all.`);
      const { events, records, active } = found;
      const last = await lastCopies(client, hold);
      return await runDeed(
        {
          act: 'hold-lift',
          plan: [hold, events, records, last.events, last.records],
          preview: [
            `Hold ${hold} keeps ${events} events and ${records} messages.`,
            `Of ${last.events} events and ${last.records} messages this is the last copy: they will be gone for ever.`
          ],
          nothing: !active && events + records === 0 ? `The hold ${hold} is lifted already.` : undefined,
          async carryOut({ audit, reason, at }) {
            if (active)
              await recordHold(client, {
                hold,
                at,
                act: 'lift',
                reason,
                selection: undefined,
                events,
                records,
                audit
              });
            await dropCopies(client, hold);
            return [`The hold ${hold} is lifted.`];
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
