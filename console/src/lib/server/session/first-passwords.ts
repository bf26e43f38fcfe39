import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const file = (dataFolder: string) => join(dataFolder, 'passwords.txt');

/** Writes first passwords where the one who installed Vigie finds them: mode 0600, one line an account. */
export function writeFirstPasswords(
  dataFolder: string,
  created: readonly { readonly login: string; readonly password: string }[]
): void {
  if (created.length === 0) return;
  const known = existsSync(file(dataFolder)) ? readFileSync(file(dataFolder), 'utf8') : '';
  writeFileSync(
    file(dataFolder),
    known + created.map(({ login, password }) => `${login} ${password}\n`).join(''),
    { mode: 0o600 }
  );
}

/** Forgets the first password of an account: it has been changed. */
export function forgetFirstPassword(dataFolder: string, login: string): void {
  if (!existsSync(file(dataFolder))) return;
  const left = readFileSync(file(dataFolder), 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith(`${login} `)); // prettier-ignore
  if (left.length === 0) rmSync(file(dataFolder));
  else writeFileSync(file(dataFolder), `${left.join('\n')}\n`, { mode: 0o600 });
}
