import { CommandError, exitCodes, readFlags, type Command } from '../command.ts';
import { placeFlags } from '../place.ts';
import { orderToken } from './order.ts';

/** vigie token revoke: a search token ends now. */
const command: Command = {
  help: `npx vigie token revoke ID

Ends a token at once. npx vigie token list shows the ids.`,
  async run(args, terminal) {
    const { values, positionals } = readFlags(args, placeFlags);
    const [id] = positionals;
    if (id === undefined)
      throw new CommandError('Name the token: npx vigie token revoke ID.', exitCodes.usage);
    await orderToken({ act: 'revoke', id }, values);
    terminal.say(`Token ${id} is revoked.`);
    return exitCodes.good;
  }
};
export default command;
