import { createPrivateKey } from 'node:crypto';
import { holdsOfPseudonym, tiesOf, unlink } from '@vigie/custody/vault/unlink';
import { CommandError, exitCodes, readFlags, type Command } from '../command.ts';
import { deedFlags, deedHelp, runDeed } from '../deed.ts';
import { placeFlags, placeOf } from '../place.ts';
import { ForwardQueuesOf, withdrawnLines } from '../withdraw.ts';

const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** vigie vault unlink: takes the identity of a pseudonym out of the vault. */
const command: Command = {
  help: `npx vigie vault unlink PSEUDONYM

Takes out of the vault whom a pseudonym (32 hexadecimal digits, as the page of an event shows it) stands for. The accesses stay in the
log, and count; nobody can tell any more whose they were, save from a raw message that is still stored (npx vigie vault redact), or
when the person is met again in a later month. Messages that name it and still wait for another repository are sent there no more.

${deedHelp}`,
  async run(args, terminal) {
    const { values, positionals } = readFlags(args, { ...placeFlags, ...deedFlags });
    const [pseudonym = '', another] = positionals;
    if (another !== undefined || !/^[0-9a-f]{32}$/.test(pseudonym))
      throw new CommandError('Name one pseudonym: 32 hexadecimal digits.', exitCodes.usage);
    const place = placeOf(values);
    const client = place.writer();
    try {
      const holds = await holdsOfPseudonym(client, pseudonym);
      if (holds.length > 0)
        throw new CommandError(
          `Events of this pseudonym are under hold (${holds.join(', ')}): it cannot be unlinked before npx vigie hold lift.`
        );
      const ties = await tiesOf(client, pseudonym);
      const lines = ties.map(
        ({ kind, rows, collector, lane, block, from, to }) =>
          `${kind}: ${rows} rows of block ${collector}-${lane}-${block}, ${day(from)} to ${day(to)}`
      );
      return await runDeed(
        {
          act: 'vault-unlink',
          plan: [pseudonym, ...lines],
          preview: lines,
          nothing: ties.length === 0 ? 'The vault holds no identity for this pseudonym.' : undefined,
          async carryOut(told) {
            const signingKey = createPrivateKey(place.key('evidence.key'));
            const queues = new ForwardQueuesOf(place, terminal.say);
            const waited = await queues.withdrawPseudonym(client, pseudonym, told.audit);
            const rows = await unlink(client, pseudonym, { signingKey, ...told });
            return [
              `${rows} rows were removed: the pseudonym stands for nobody any more.`,
              ...withdrawnLines(waited)
            ];
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
