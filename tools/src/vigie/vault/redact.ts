import { createPrivateKey, createPublicKey } from 'node:crypto';
import { erasable, holdsOf, receptionsOf, redact, type Message } from '@vigie/custody/vault/redact';
import type { ClickHouseClient } from '@vigie/store';
import { CommandError, exitCodes, readFlags, type Command } from '../command.ts';
import { deedFlags, deedHelp, runDeed } from '../deed.ts';
import { placeFlags, placeOf } from '../place.ts';
import { ForwardQueuesOf, withdrawnLines } from '../withdraw.ts';
import { vaultKey } from './key.ts';

/** @throws {CommandError} */
function messageOf(positionals: readonly string[]): Message {
  const told = /^([a-z0-9]{1,16})-(audit|ops|own)-(\d{1,15})(?:-\d{1,5})?$/.exec(positionals[0] ?? '');
  if (!told || positionals.length > 1)
    throw new CommandError('Name one event by its id, such as c1-audit-42-0.', exitCodes.usage);
  return { collector: told[1] ?? '', lane: told[2] ?? '', seq: Number(told[3]) };
}

const nameOf = ({ collector, lane, seq }: Message) => `${collector}-${lane}-${seq}`;
const words = {
  erased: 'is erased already',
  'half-way': 'was being erased: this completes it',
  purged: 'is purged with its block',
  unknown: 'is not stored'
};

async function look(client: ClickHouseClient, messages: readonly Message[], key: string) {
  const found: { message: Message; line: string; open: boolean }[] = [];
  for (const message of messages) {
    const told = await erasable(client, message, key);
    const line =
      told.state === 'there'
        ? `${nameOf(message)}: ${told.bytes} bytes, one of the ${told.records} messages of its block, which is written again without it.`
        : `${nameOf(message)} ${words[told.state]}.`;
    found.push({ message, line, open: told.state === 'there' || told.state === 'half-way' });
  }
  return found;
}

/** vigie vault redact: erases one message, and keeps its leaf hash. */
const command: Command = {
  help: `npx vigie vault redact EVENT-ID

Erases the message of an event, with every repeated reception of it, from the encrypted raw objects: each block's object is written again
without its bytes, under a new data key. Its leaf hash stays in a signed record, so that the block still verifies. What was decoded from it
stays in the log, under pseudonyms; npx vigie vault unlink takes away whom a pseudonym stands for. Where it still waits for another
repository, it is sent there no more. Needs the vault's private key.

${deedHelp}`,
  async run(args, terminal) {
    const { values, positionals } = readFlags(args, { ...placeFlags, ...deedFlags });
    const message = messageOf(positionals);
    const place = placeOf(values);
    const privateKey = vaultKey(place, 'Erasing one message opens and writes again its block');
    const client = place.writer();
    try {
      const holds = await holdsOf(client, message);
      if (holds.length > 0)
        throw new CommandError(
          `The message is under hold (${holds.join(', ')}): it cannot be erased before npx vigie hold lift.`
        );
      const found = await look(client, await receptionsOf(client, message), privateKey);
      const open = found.filter((one) => one.open);
      return await runDeed(
        {
          act: 'vault-redact',
          plan: open.map((one) => one.line),
          preview: found.map((one) => one.line),
          nothing: open.length === 0 ? 'There is nothing to erase.' : undefined,
          async carryOut(told) {
            const signingKey = createPrivateKey(place.key('evidence.key'));
            const keys = { privateKey, publicKey: createPublicKey(place.key('vault.pub')) };
            const queues = new ForwardQueuesOf(place, terminal.say);
            const waited = await queues.withdraw(
              open.map((one) => one.message),
              told.audit
            );
            for (const one of open) await redact(client, one.message, keys, { signingKey, ...told });
            return [`${open.length} receptions of the message were erased.`, ...withdrawnLines(waited)];
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
