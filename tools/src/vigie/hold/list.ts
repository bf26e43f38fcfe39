import { notCopied, readHolds } from '@vigie/custody/hold/holds';
import { exitCodes, readFlags, type Command } from '../command.ts';
import { placeFlags, placeOf } from '../place.ts';

const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** vigie hold list: every hold there was, with what it keeps. */
const command: Command = {
  help: `npx vigie hold list

Every hold with its state, since when, how many events and messages it keeps, and how many events fit it that came since.`,
  async run(args, terminal) {
    const { values } = readFlags(args, placeFlags);
    const client = placeOf(values).writer();
    try {
      const holds = await readHolds(client);
      if (holds.length === 0) terminal.out('There is no hold.');
      for (const one of holds) {
        const state = one.active ? 'active' : 'lifted';
        const since = one.active ? await notCopied(client, one) : 0;
        terminal.out(
          `${one.hold.padEnd(24)} ${state}, since ${day(one.since)}, last act ${day(one.changed)}: ${one.events} events, ${one.records} messages` +
            (since > 0 ? `; ${since} events that fit it are not copied yet: vigie hold add` : '')
        );
        terminal.out(`  ${one.reason}`);
      }
      return exitCodes.good;
    } finally {
      await client.close();
    }
  }
};
export default command;
