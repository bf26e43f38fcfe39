import type { z } from 'zod';
import { CommandError, exitCodes } from '../command.ts';

/** A hold's name. @throws {CommandError} */
export function holdName(positionals: readonly string[]): string {
  const [name, another] = positionals;
  if (name === undefined || another !== undefined || !/^[a-z0-9-]{1,40}$/.test(name))
    throw new CommandError(
      'Name one hold: lower-case letters, digits and hyphens, such as affaire-2026-12. It names no patient and no person.',
      exitCodes.usage
    );
  return name;
}

/** What a schema makes of told values. @throws {CommandError} naming each field that is wrong */
export function parsed<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(
    ({ path, message }) =>
      `${path[0] === undefined ? '' : `--${String(path[0]).replace(/s$/, '')} `}${message}`
  );
  throw new CommandError(`${faults.join('; ')}. Add --help to see the flags.`, exitCodes.usage);
}
