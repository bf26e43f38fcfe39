import { z } from 'zod';
import { pseudonym, userIdentifier } from '@vigie/schemas/pseudonym';
import { soughtKinds, type Sought } from '#lib/explorer/sought.ts';
import type { Reader } from '../access/reader.ts';
import { context } from '../context.ts';
import { logUsed, purposes } from '../own-audit/own-audit.ts';
import { patientPseudonyms } from '../query/patient-pseudonyms.ts';

/** The search form, as posted. A patient is looked for with a purpose. */
export const SeekForm = z
  .object({
    kind: z.enum(soughtKinds).default('patient'),
    identifier: z.string().trim().min(1).max(256),
    purpose: z.enum(purposes).optional()
  })
  .refine(({ kind, purpose }) => kind !== 'patient' || purpose !== undefined);
type SeekForm = z.infer<typeof SeekForm>;

/** What an identifier as typed stands for. The identifier itself goes no further. */
export function soughtOf({ kind, identifier, purpose }: SeekForm): Sought {
  const { config } = context();
  const key = config.pseudonymKey();
  const nothing = { patients: [], actors: [], study: '' };
  if (kind === 'patient')
    return { ...nothing, kind, patients: patientPseudonyms(identifier, config.group, key), ...(purpose && { purpose }) }; // prettier-ignore
  if (kind === 'study') return { ...nothing, kind, study: identifier.slice(0, 64) };
  // A pseudonym as shown on a page; else a login, whose pseudonym is computed, or an application, which is told by its name.
  const actors = /^[0-9a-f]{32}$/i.test(identifier)
    ? [identifier.toLowerCase()]
    : [pseudonym(key, userIdentifier(identifier)).toString('hex'), identifier];
  return { ...nothing, kind, actors };
}

/**
 * Keeps a search under an opaque id, once the log says who looks for whom: a patient by pseudonyms, a person by pseudonym, a
 * study by its number.
 * @returns the id; it finds the search for this account alone
 * @throws {OwnAuditError} when the log does not take it: then nothing is kept
 */
export async function keepSought(reader: Reader, address: string, sought: Sought): Promise<string> {
  const { ownAudit, searches } = context();
  const purpose = z.enum(purposes).optional().catch(undefined).parse(sought.purpose);
  await ownAudit.record(
    logUsed(reader, address, {
      act: `${sought.kind}-search`,
      about: [...sought.patients.map((one) => `pseudonym:${one}`), ...sought.actors.slice(0, 1).map((one) => `pseudonym:${one}`), ...[sought.study].filter(Boolean).map((one) => `study:${one}`)], // prettier-ignore
      ...(purpose && { purpose })
    })
  );
  return searches.keep(reader.login, sought, Date.now());
}
