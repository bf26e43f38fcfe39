import { z } from 'zod';
import { exitCodes, readFlags, type Command } from '../command.ts';
import { placeFlags } from '../place.ts';
import { orderToken } from './order.ts';

const Listed = z.object({
  tokens: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      role: z.string(),
      establishments: z.union([z.string(), z.array(z.string())]),
      rights: z.array(z.string()),
      expires_at: z.number(),
      last_used_at: z.number().nullable(),
      revoked_at: z.number().nullable()
    })
  )
});
type Token = z.infer<typeof Listed>['tokens'][number];

const day = (at: number | null) => (at === null ? 'never' : new Date(at).toISOString().slice(0, 16));

function state({ expires_at, revoked_at }: Token): string {
  if (revoked_at !== null) return `revoked ${day(revoked_at)}`;
  return `${expires_at <= Date.now() ? 'expired' : 'until'} ${day(expires_at)}`;
}

/** vigie token list: every search token, without its text. */
const command: Command = {
  help: `npx vigie token list

One line a token: id, name, role, establishments, rights, until when, last use.`,
  async run(args, terminal) {
    const { values } = readFlags(args, placeFlags);
    const { tokens } = Listed.parse(await orderToken({ act: 'list' }, values));
    for (const token of tokens) {
      const scope = [token.establishments].flat().join(',');
      const rights = token.rights.join(',') || '-';
      terminal.out([token.id, token.name, token.role, scope, rights, state(token), `used ${day(token.last_used_at)}`].join('\t')); // prettier-ignore
    }
    return exitCodes.good;
  }
};
export default command;
