import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from '../command.ts';
import type { Place } from '../place.ts';

/** The vault's private key (PEM). @param why a clause that says what needs it @throws {CommandError} when it is not here */
export function vaultKey(place: Place, why: string): string {
  const file = join(place.keysFolder, 'vault.key');
  if (!existsSync(file))
    throw new CommandError(
      `${why}, which needs the vault's private key: ${file} is not here. Ask whoever keeps it (the DPO) to bring it for this command.`
    );
  return place.key('vault.key');
}
