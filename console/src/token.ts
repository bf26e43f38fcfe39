import { randomBytes } from 'node:crypto';
import { consoleConfig } from './lib/server/config.ts';
import { ownAudit } from './lib/server/own-audit/own-audit.ts';
import { tokenChanged } from './lib/server/own-audit/search-used.ts';
import { openConsoleDatabase } from './lib/server/session/database.ts';
import { newToken, TokenOrder } from './lib/server/session/token-order.ts';
import { Tokens } from './lib/server/session/tokens.ts';

/*
 * Makes, lists and revokes search tokens, for npx vigie token: one order as JSON in the first argument, one answer as JSON on
 * stdout. A change is in Vigie's own log before it holds.
 */
async function obey(text: string): Promise<unknown> {
  const parsed = TokenOrder.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(parsed.error.issues.map(({ message }) => message).join('; '));
  const order = parsed.data;
  const config = consoleConfig();
  const database = openConsoleDatabase(config.dataFolder);
  const tokens = new Tokens(database);
  const audit = ownAudit(config.collectorUrl, () => config.ownKey());
  const now = Date.now();
  try {
    if (order.act === 'list') return { tokens: tokens.list() };
    if (order.act === 'create') {
      const token = newToken(order, config.group, now);
      const id = randomBytes(6).toString('hex');
      await audit.record(tokenChanged('created', { ...token, id }, now));
      return tokens.create(token, now, id);
    }
    const known = tokens.list().find(({ id, revoked_at }) => id === order.id && revoked_at === null);
    if (!known) throw new Error('There is no live token of this id: npx vigie token list shows them.');
    await audit.record(tokenChanged('revoked', known, now));
    return { revoked: tokens.revoke(order.id, now) };
  } finally {
    database.close();
  }
}

try {
  process.stdout.write(`${JSON.stringify(await obey(process.argv[2] ?? ''))}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
