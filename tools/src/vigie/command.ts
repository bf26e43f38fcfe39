import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';

/** How `vigie` ends. */
export const exitCodes = {
  good: 0,
  /** It did what was asked, and what it found is bad: evidence that does not verify. */
  found: 1,
  usage: 2,
  /** It could not do what was asked. */
  failed: 3,
  cancelled: 130
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What a command may use of the outside. */
export interface Terminal {
  /** Results, one document or line at a time. */
  out(text: string): void;
  /** Progress and complaints. */
  say(line: string): void;
  /** Aborted by Ctrl-C. */
  readonly cancelled: AbortSignal;
}

/** One subcommand of `vigie`. */
export interface Command {
  /** Lines shown by --help: how it is written, its flags, an example. */
  readonly help: string;
  run(args: readonly string[], terminal: Terminal): Promise<ExitCode>;
}

/** What was asked for cannot be: a sentence that says what is wrong and how to mend it. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;
  constructor(message: string, exitCode: ExitCode = exitCodes.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Flags of a command. @throws {CommandError} naming the flag that is not known or has no value */
export function readFlags<O extends ParseArgsOptionsConfig>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error);
    throw new CommandError(`${reason}. Add --help to see the flags.`, exitCodes.usage);
  }
}
