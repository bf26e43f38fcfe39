import { createPrivateKey } from 'node:crypto';
import { beginVaultRotation, endVaultRotation, vaultKeyId, vaultKeys } from '@vigie/custody/keys/key-files';
import { blocksToRewrap, rewrap, rewrapHeld } from '@vigie/custody/keys/rewrap';
import { readFlags, type Command } from '../command.ts';
import { deedFlags, deedHelp, runDeed } from '../deed.ts';
import { placeFlags, placeOf } from '../place.ts';
import { vaultKey } from './key.ts';

/** How long a collector takes to see a new key, with room to spare, ms: what it sealed before is looked for after. */
const seenWithinMs = 3000;

/** vigie vault rotate: a new key of the vault. */
const command: Command = {
  help: `npx vigie vault rotate

Makes a new key pair of the vault, and wraps the data keys of everything stored to it; the ciphertexts stay. New blocks are sealed to the new key
at once, without a restart. While it goes on, vault.key holds both private keys, and everything can be opened. At its end the old one is in
a file of its own, vault-<id>.key: keep it for backups of before, then destroy it. Cut short, run it again: it goes on.

${deedHelp}`,
  async run(args, terminal) {
    const { values } = readFlags(args, { ...placeFlags, ...deedFlags });
    const place = placeOf(values);
    vaultKey(place, 'A rotation opens every data key');
    const client = place.writer();
    const folder = place.keysFolder;
    try {
      const [newest = '', ...older] = vaultKeys(folder);
      const going = older.length > 0;
      const left = going ? (await blocksToRewrap(client, newest)).length : undefined;
      return await runDeed(
        {
          act: 'vault-rotate',
          plan: [going ? 'go on' : 'begin', vaultKeyId(newest)],
          preview: going
            ? [`A rotation to the key ${vaultKeyId(newest)} is going on: ${left} blocks are left.`]
            : [
                `The key ${vaultKeyId(newest)} is replaced by a new one, and the data keys of every block are wrapped to that.`
              ],
          async carryOut(told) {
            beginVaultRotation(folder);
            const pems = vaultKeys(folder);
            const mandate = { signingKey: createPrivateKey(place.key('evidence.key')), ...told };
            let count = 0;
            for (let round = 0; round < 10; round++) {
              const blocks = await blocksToRewrap(client, pems[0] ?? '');
              // A block sealed just before the collector saw the new key is found by looking once more.
              if (blocks.length === 0 && round > 0) break;
              await rewrap(client, blocks, pems, mandate, terminal.say);
              count += blocks.length;
              await new Promise((resolve) => setTimeout(resolve, seenWithinMs));
            }
            const held = await rewrapHeld(client, pems);
            const rest = await blocksToRewrap(client, pems[0] ?? '');
            if (rest.length > 0)
              return [
                `${count} blocks are done; ${rest.length} came meanwhile, sealed to the old key: is a collector using other key files? Run it again.`
              ];
            const ids = endVaultRotation(folder);
            return [
              `${count} blocks and ${held} messages under hold are wrapped to the key ${vaultKeyId(pems[0] ?? '')}.`,
              ...ids.map(
                (id) =>
                  `Nothing stored needs vault-${id}.key any more: keep it for older backups, then destroy it.`
              )
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
