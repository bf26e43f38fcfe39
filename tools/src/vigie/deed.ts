import { hash } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { canonicalBytes, type Canonical } from '@vigie/evidence/canonical';
import { operatorAct } from '@vigie/schemas/own-audit';
import { CommandError, exitCodes, type ExitCode, type Terminal } from './command.ts';
import type { Place } from './place.ts';

/** Flags of every command that changes stored data. */
export const deedFlags = { confirm: { type: 'string' }, reason: { type: 'string' } } as const;

export const deedHelp = `Without --confirm nothing is changed: what would be done is told, with its digest.
  --confirm DIGEST   carry out what was told under this digest
  --reason TEXT      why, 5 to 300 characters, without patient or person; it is signed and written to Vigie's own log`;

/** What a command is about to do. */
export interface Deed {
  /** Words of the command joined by hyphens. */
  readonly act: string;
  /** What the digest covers: other data, another digest. */
  readonly plan: Canonical;
  readonly preview: readonly string[];
  /** Set when there is nothing to do: the sentence that says so. */
  readonly nothing?: string | undefined;
  /**
   * Carries it out. Cut short, it can be asked for again: what was done is not done twice.
   * @param told.audit id of Vigie's own event that tells of it
   */
  carryOut(told: {
    readonly audit: string;
    readonly reason: string;
    readonly at: number;
  }): Promise<readonly string[]>;
}

/** First 12 hexadecimal digits of the SHA-256 of the canonical plan: short enough to type. */
export const digestOf = (plan: Canonical): string => hash('sha256', canonicalBytes(plan), 'hex').slice(0, 12);

/**
 * Tells what would be done; with the digest of just that and a reason, writes it to Vigie's own log and, once that is
 * acknowledged, does it.
 * @throws {CommandError} when the digest is another one, the reason is missing, or the collector does not acknowledge
 */
export async function runDeed(
  deed: Deed,
  flags: { readonly confirm?: string | undefined; readonly reason?: string | undefined },
  place: Pick<Place, 'record'>,
  terminal: Terminal
): Promise<ExitCode> {
  for (const line of deed.preview) terminal.out(line);
  if (deed.nothing !== undefined) {
    terminal.out(deed.nothing);
    return exitCodes.good;
  }
  const digest = digestOf([deed.act, deed.plan]);
  if (flags.confirm === undefined) {
    terminal.out(`Nothing was changed. To carry this out, add: --confirm ${digest} --reason '…'`);
    return exitCodes.good;
  }
  if (flags.confirm !== digest)
    throw new CommandError(
      `What would be done now is ${digest}, not ${flags.confirm}: read it again above, then confirm that digest. Nothing was changed.`,
      exitCodes.usage
    );
  const reason = flags.reason?.trim() ?? '';
  if (reason.length < 5 || reason.length > 300)
    throw new CommandError(
      '--reason must say why, in 5 to 300 characters, without naming a patient or a person. Nothing was changed.',
      exitCodes.usage
    );
  const at = Date.now();
  const who = { operator: userInfo().username, host: hostname() };
  const audit = await place.record(operatorAct({ act: deed.act, ...who, reason, plan: digest, at }));
  terminal.say(`Written to Vigie's own log as ${audit}.`);
  for (const line of await deed.carryOut({ audit, reason, at })) terminal.out(line);
  return exitCodes.good;
}
