import { evidenceKeyId, rotateEvidenceKey } from '@vigie/custody/keys/key-files';
import { readFlags, type Command } from '../command.ts';
import { deedFlags, deedHelp, runDeed } from '../deed.ts';
import { placeFlags, placeOf } from '../place.ts';

/** vigie evidence rotate: a new signing key. */
const command: Command = {
  help: `npx vigie evidence rotate

Makes a new key the one that signs blocks and acts; the collector uses it from its next block on, without a restart. The public half of the old
one stays in keys/evidence-<id>.pub, so that everything it signed still verifies. Give the new public key, keys/evidence.pub, to whoever
checks from outside.

${deedHelp}`,
  async run(args, terminal) {
    const { values } = readFlags(args, { ...placeFlags, ...deedFlags });
    const place = placeOf(values);
    const id = evidenceKeyId(place.keysFolder);
    return runDeed(
      {
        act: 'evidence-rotate',
        plan: [id],
        preview: [`The key ${id} signs no more; a new one does. What ${id} signed stays verifiable.`],
        carryOut: () => Promise.resolve([`The key ${rotateEvidenceKey(place.keysFolder)} signs from now on.`])
      },
      values,
      place,
      terminal
    );
  }
};
export default command;
