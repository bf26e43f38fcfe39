import { writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { makeProof, NoProofError, readEventId } from '@vigie/evidence/proof/make-proof';
import { operatorAct } from '@vigie/schemas/own-audit';
import { CommandError, exitCodes, readFlags, type Command } from '../command.ts';
import { placeFlags, placeOf } from '../place.ts';

const flags = {
  ...placeFlags,
  message: { type: 'boolean', default: false },
  reason: { type: 'string' },
  'vault-key': { type: 'string' },
  out: { type: 'string' }
} as const;

/** vigie evidence prove <event id>. */
const command: Command = {
  help: `npx vigie evidence prove EVENT_ID --reason TEXT [--message] [--out FILE]

Writes a self-contained proof of one event (c1-audit-123-0, as the console shows it) as JSON. It is checked far from Vigie, with the
public key alone, by a program that shares nothing with it: node evidence/check/check-proof.mjs PROOF.json --key evidence.pub

  --reason TEXT      why, 5 to 300 characters, without patient or person; written to Vigie's own log first
  --message          with the message itself, decrypted by the vault key: it names a patient
  --vault-key FILE   private key of the vault (keys/vault.key)
  --out FILE         where to write it, readable by you alone (stdout)`,
  async run(args, terminal) {
    const { values, positionals } = readFlags(args, flags);
    const [id = ''] = positionals;
    const reason = values.reason?.trim() ?? '';
    if (positionals.length !== 1)
      throw new CommandError(
        'Name one event: vigie evidence prove c1-audit-123-0 --reason …',
        exitCodes.usage
      );
    if (reason.length < 5 || reason.length > 300)
      throw new CommandError(
        '--reason must say why, in 5 to 300 characters, without naming a patient or a person.',
        exitCodes.usage
      );
    const place = placeOf(values);
    const client = place.reader();
    try {
      readEventId(id);
      const vaultKey = values.message ? place.key('vault.key', values['vault-key']) : undefined;
      const at = Date.now();
      const act = values.message ? 'evidence-prove-message' : 'evidence-prove';
      const who = { operator: userInfo().username, host: hostname() };
      const audit = await place.record(operatorAct({ act, ...who, reason, plan: id, at }));
      terminal.say(`Written to Vigie's own log as ${audit}.`);
      const text = JSON.stringify(await makeProof(client, id, { vaultKey, now: at }), null, 2);
      if (values.out === undefined) terminal.out(text);
      else writeFileSync(values.out, `${text}\n`, { mode: 0o600 });
      return exitCodes.good;
    } catch (error) {
      throw error instanceof NoProofError ? new CommandError(error.message) : error;
    } finally {
      await client.close();
    }
  }
};
export default command;
