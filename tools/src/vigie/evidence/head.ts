import { headBytes, readHead } from '@vigie/evidence/head/head';
import { exitCodes, readFlags, type Command } from '../command.ts';
import { placeFlags, placeOf } from '../place.ts';

/** vigie evidence head: the newest signed header of every chain. */
const command: Command = {
  help: `npx vigie evidence head [--data FOLDER] > head.json

Writes the newest signed header of every lane. Kept elsewhere, it shows the removal of the newest blocks.`,
  async run(args, terminal) {
    const { values } = readFlags(args, placeFlags);
    const client = placeOf(values).reader();
    try {
      terminal.out(headBytes(await readHead(client, Date.now())).toString());
      return exitCodes.good;
    } finally {
      await client.close();
    }
  }
};
export default command;
