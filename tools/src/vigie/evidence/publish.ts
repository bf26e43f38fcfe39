import { hostname, userInfo } from 'node:os';
import { publishHead } from '@vigie/evidence/head/publish';
import { headPublished, operator } from '@vigie/schemas/own-audit';
import { CommandError, exitCodes, readFlags, type Command } from '../command.ts';
import { placeFlags, placeOf } from '../place.ts';

/** vigie evidence publish: what the watch does on its schedule, now. */
const command: Command = {
  help: `npx vigie evidence publish [--config FILE]

Sends the newest signed header of every lane where evidence.heads of vigie.yaml says (file, time-stamp, mail), now. The watch does the
same on its schedule.`,
  async run(args, terminal) {
    const { values } = readFlags(args, placeFlags);
    const place = placeOf(values);
    const { evidence, organisation } = place.group();
    if (!evidence.heads)
      throw new CommandError('vigie.yaml says nowhere to publish to: add evidence.heads (docs/evidence.md).');
    const client = place.reader();
    try {
      const now = Date.now();
      const options = { dataFolder: place.dataFolder, organisation: organisation.name, now };
      const { sha256, sent } = await publishHead(client, evidence.heads, options);
      for (const { where, good, detail } of sent) {
        terminal.out(`${good ? 'good' : 'BAD '} ${where}: ${detail}`);
        await place.record(
          headPublished(operator(userInfo().username, hostname()), now, { where, good, sha256 })
        );
      }
      return sent.every(({ good }) => good) ? exitCodes.good : exitCodes.failed;
    } finally {
      await client.close();
    }
  }
};
export default command;
