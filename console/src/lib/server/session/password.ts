import { argon2, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** argon2id (RFC 9106), second recommended choice: 64 MiB, 3 passes, 4 lanes. */
const cost = { memory: 65_536, passes: 3, parallelism: 4, tagLength: 32 } as const;
const derive = promisify(argon2);

async function digest(password: string, nonce: Buffer): Promise<Buffer> {
  return derive('argon2id', { message: password.normalize('NFKC'), nonce, ...cost });
}

/** Hash of a password: `argon2id$<salt>$<tag>`, base64. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  return `argon2id$${nonce.toString('base64')}$${(await digest(password, nonce)).toString('base64')}`;
}

/** Takes as long for an unknown account (hash undefined) as for a wrong password. */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [, nonce, tag] = (
    hash ?? `argon2id$${Buffer.alloc(16).toString('base64')}$${Buffer.alloc(32).toString('base64')}`
  ).split('$');
  const found = await digest(password, Buffer.from(nonce ?? '', 'base64'));
  return timingSafeEqual(found, Buffer.from(tag ?? '', 'base64')) && hash !== undefined;
}

/** Letters and digits that are not taken for one another. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A first password: four groups of four, about 79 bits. */
export function generatePassword(): string {
  const group = () => Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return [group(), group(), group(), group()].join('-');
}

export type PasswordFault = 'short' | 'long' | 'login' | 'same' | 'repeat';

/** What is wrong with a new password, or undefined. At least 12 characters (CNIL 2022-100 with rate limiting). */
export function passwordFault(
  password: string,
  context: { readonly login: string; readonly current: string; readonly repeated: string }
): PasswordFault | undefined {
  if (password.length < 12) return 'short';
  if (password.length > 200) return 'long';
  if (password.toLowerCase().includes(context.login.toLowerCase())) return 'login';
  if (password === context.current) return 'same';
  return password === context.repeated ? undefined : 'repeat';
}
