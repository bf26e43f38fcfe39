import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const secrets = [
  'engine-writer.token',
  'engine-reader.token',
  'own.key',
  'simulator.key',
  'session.key',
  'pseudonym.key',
  'forward.key'
];
const pairs = [
  { name: 'vault', type: 'x25519' },
  { name: 'evidence', type: 'ed25519' },
  { name: 'console', type: 'ed25519' }
] as const;

/**
 * Makes the keys an installation needs, once: what exists is left as it is.
 * Secrets are 32 random bytes in hexadecimal; key pairs are PEM (X25519 for the vault, Ed25519 for evidence and for the console's exports).
 * @param dataFolder the data folder; `keys/` is made inside it with mode 0700, every file with mode 0600
 * @returns the path of the `keys` folder
 */
export function createKeys(dataFolder: string): string {
  const folder = join(dataFolder, 'keys');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const write = (name: string, content: string) =>
    writeFileSync(join(folder, name), content, { mode: 0o600, flag: 'wx' });
  for (const name of secrets)
    if (!existsSync(join(folder, name))) write(name, randomBytes(32).toString('hex') + '\n');
  for (const { name, type } of pairs) {
    if (existsSync(join(folder, `${name}.key`))) continue;
    const { publicKey, privateKey } =
      type === 'x25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('ed25519');
    write(`${name}.key`, privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
    write(`${name}.pub`, publicKey.export({ type: 'spki', format: 'pem' }) as string);
  }
  return folder;
}
