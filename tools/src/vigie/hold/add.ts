import { createPublicKey } from 'node:crypto';
import { copyEvents, copyMessages, countSelection } from '@vigie/custody/hold/add';
import { recordHold } from '@vigie/custody/hold/acts';
import { Selection } from '@vigie/custody/hold/selection';
import { readFlags, type Command } from '../command.ts';
import { deedFlags, deedHelp, runDeed } from '../deed.ts';
import { placeFlags, placeOf } from '../place.ts';
import { vaultKey } from '../vault/key.ts';
import { holdName, parsed } from './flags.ts';

const flags = {
  event: { type: 'string', multiple: true },
  patient: { type: 'string' },
  actor: { type: 'string' },
  study: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' }
} as const;
const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** vigie hold add: copies a case's events and messages to where no purge reaches. */
const command: Command = {
  help: `npx vigie hold add NAME --event ID… | --patient PSEUDONYM | --actor PSEUDONYM | --study UID [--from DAY] [--to DAY]

Copies the events that fit all that is told, and their messages, to audit.held and vault.held_raw: outside of every count, and out of
reach of purges. Asked for again, a hold takes in what came since, or what else is told. Needs the vault's private key: each message is
sealed again alone.
  --event ID         such as c1-audit-42-0; may be repeated
  --patient, --actor pseudonyms, as the page of an event shows them
  --from, --to       days (UTC) of the acts, both included

${deedHelp}`,
  async run(args, terminal) {
    const { values, positionals } = readFlags(args, { ...placeFlags, ...deedFlags, ...flags });
    const hold = holdName(positionals);
    const { event: events, patient, actor, study, from, to } = values;
    const selection = parsed(Selection, { events, patient, actor, study, from, to });
    const place = placeOf(values);
    const privateKey = vaultKey(place, 'A hold seals each message again alone');
    const client = place.writer();
    try {
      const found = await countSelection(client, hold, selection);
      const preview = [
        `Hold ${hold}: ${found.events} events of ${day(found.from)} to ${day(found.to)}, ${found.copied} of them copied already;`,
        `${found.messages} messages, of ${found.messages - found.stored} the raw bytes are purged.`
      ];
      return await runDeed(
        {
          act: 'hold-add',
          plan: [hold, JSON.stringify(selection), found.events, found.stored],
          preview: found.events > 0 ? preview : [],
          nothing: found.events === 0 ? 'No event fits: nothing to hold.' : undefined,
          async carryOut({ audit, reason, at }) {
            const { events: count, messages: records } = found;
            await recordHold(client, {
              hold,
              at,
              act: 'add',
              reason,
              selection,
              events: count,
              records,
              audit
            });
            await copyEvents(client, { hold, selection, at });
            const keys = { privateKey, publicKey: createPublicKey(place.key('vault.pub')) };
            const { copied, gone } = await copyMessages(client, { hold, at }, keys, terminal.say);
            return [
              `${count} events are under hold ${hold}; ${copied} messages were copied now, ${gone} were gone before.`
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
