import { context } from '../context.ts';
import { eventsUsed, type Reason } from '../own-audit/search-used.ts';
import type { AuditEventRow } from '../query/audit-events.ts';
import { identitiesOf, type Identity } from '../query/vault.ts';
import type { Caller } from './caller.ts';
import { FhirFault } from './fault.ts';
import { recorded } from './recorded.ts';
import { idOf } from './resource.ts';

/**
 * Identities behind the pseudonyms of a page: the events are named in the log first, with purpose and reference.
 * @returns by pseudonym
 * @throws {FhirFault} no-vault, not-audited
 */
export async function openIdentities(
  rows: readonly AuditEventRow[],
  caller: Caller,
  reason: Reason
): Promise<ReadonlyMap<string, Identity>> {
  const { client, config, ownAudit } = context();
  const key = config.vaultKey();
  if (key === undefined)
    throw new FhirFault(
      'no-vault',
      'This console has no key of the vault: identities cannot be opened here.'
    );
  if (rows.length === 0) return new Map();
  await recorded(ownAudit.record(eventsUsed(caller.token, caller.address, 'reveal', rows.map(idOf), reason)));
  const pseudonyms = new Set(
    rows.flatMap((row) => [...row.patients, ...row.participant_id, ...row.object_id])
  );
  const found = await identitiesOf(client, [...pseudonyms].filter((one) => /^[0-9a-f]{32}$/.test(one)), key); // prettier-ignore
  // The newest of what was told comes first.
  return new Map(found.toReversed().map((one) => [one.pseudonym, one]));
}
