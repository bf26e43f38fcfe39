import { CommandError, exitCodes } from '../command.ts';

const shape = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** ms since 1970 of a day (its beginning, UTC) or a time with zone. @throws {CommandError} naming the flag */
export function timeOf(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const at = shape.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new CommandError(
      `--${flag} is "${text}": write a day (2026-11-24) or a time (2026-11-24T08:00:00Z).`,
      exitCodes.usage
    );
  return at;
}
