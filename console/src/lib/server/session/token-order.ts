import { z } from 'zod';
import type { Config } from '@vigie/schemas';
import { purposes } from '../own-audit/own-audit.ts';
import { tokenRights, tokenRoles, type NewToken } from './tokens.ts';

const dayMs = 86_400_000;

/** What the operator orders: one JSON object. */
export const TokenOrder = z.discriminatedUnion('act', [
  z.object({
    act: z.literal('create'),
    name: z
      .string()
      .regex(
        /^[\w.:@-]{2,64}$/,
        '--name is 2 to 64 letters, digits, or . : @ _ -, and says which program asks'
      ),
    role: z.enum(tokenRoles, { error: `--role is one of ${tokenRoles.join(', ')}` }),
    establishments: z
      .array(z.string())
      .min(1, '--establishment names an establishment of vigie.yaml, or all; it may be given several times'),
    days: z.coerce.number({ error: '--days is a number' }).int().min(1).max(730, '--days is at most 730'),
    rights: z.array(z.enum(tokenRights, { error: `--right is one of ${tokenRights.join(', ')}` })),
    purpose: z.union([z.literal(''), z.enum(purposes)], {
      error: `--purpose is one of ${purposes.join(', ')}`
    }),
    reference: z.string().trim().max(200, '--reference has at most 200 characters')
  }),
  z.object({ act: z.literal('list') }),
  z.object({
    act: z.literal('revoke'),
    id: z.string().regex(/^[0-9a-f]{12}$/, 'the id of a token is 12 hexadecimal digits')
  })
]);
type Create = Extract<z.infer<typeof TokenOrder>, { act: 'create' }>;

/**
 * What a new token will be.
 * @throws {Error} a sentence that names the flag and the mend
 */
export function newToken(order: Create, config: Config, now: number): NewToken {
  const { name, role, rights, purpose, reference, days } = order;
  const declared = config.establishments.map(({ id }) => id);
  const all = order.establishments.includes('all');
  const strange = order.establishments.find((id) => id !== 'all' && !declared.includes(id));
  if (strange !== undefined)
    throw new Error(`--establishment ${strange} is not in vigie.yaml: it declares ${declared.join(', ')}`);
  if (rights.length > 0 && role !== 'dpo') throw new Error('--right is for tokens of the role dpo alone');
  if (rights.includes('messages') && (purpose === '' || reference.length < 4))
    throw new Error(
      '--right messages needs --purpose and --reference (4 characters or more): each message that the token opens is logged with them'
    );
  const establishments: NewToken['establishments'] = all ? 'all' : order.establishments;
  return { name, role, establishments, rights, purpose, reference, expires_at: now + days * dayMs };
}
