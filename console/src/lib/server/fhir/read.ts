import type { ClickHouseClient } from '@vigie/store';
import {
  auditEventById,
  originalOf,
  storedSequences,
  type AuditEventKey,
  type AuditEventRow,
  type Part as LogPart
} from '../query/audit-events.ts';
import { readEventId } from '../query/event.ts';
import { FhirFault } from './fault.ts';
import { idOf } from './resource.ts';
import { ever } from './search.ts';

/** A collector hands out ids before their block is stored: as far ahead as its spool may reach. */
const maxAhead = 5_000_000;
const retrySeconds = 2;

/** What becomes of an id that no row of the caller's part has. */
export type Absence = 'not-yet' | 'unknown';

/**
 * | its sequence | absence |
 * |---|---|
 * | of a collector that has stored no block | unknown |
 * | at or below the newest stored one | unknown: never given, another's, a duplicate's, or in quarantine |
 * | above it, as far as a spool may reach | not yet stored |
 * | beyond that | unknown |
 */
export function absenceOf(seq: number, lastStored: number | undefined): Absence {
  return lastStored !== undefined && seq > lastStored && seq <= lastStored + maxAhead ? 'not-yet' : 'unknown';
}

/**
 * One event by its id.
 * @param base address of the FHIR side, for where a duplicate leads
 * @throws {FhirFault} not-found; not-yet with Retry-After; moved for a repeated reception, with the original's address
 */
export async function readEvent(
  client: ClickHouseClient,
  id: string,
  part: LogPart,
  base: string
): Promise<AuditEventRow> {
  const key = readEventId(id);
  if (!key || key.lane !== part.lane) throw unknown();
  const [row] = await auditEventById.ask(client, { ...part, ...key });
  if (row) return row;
  const original = await findOriginal(client, key, part);
  if (original)
    throw new FhirFault('moved', `This message repeats another: see AuditEvent/${idOf(original)}.`, {
      headers: { location: `${base}/AuditEvent/${idOf(original)}` }
    });
  const stored = await storedSequences.ask(client, { ...part, ...ever, collector: key.collector });
  // A collector that has stored something, if only its start, may have given ids in a lane that has nothing yet.
  const last = stored.find(({ lane }) => lane === key.lane)?.last_seq ?? (stored.length > 0 ? 0 : undefined);
  // Its block may have been stored since the first look.
  const [late] = await auditEventById.ask(client, { ...part, ...key });
  if (late) return late;
  if (absenceOf(key.seq, last) === 'not-yet')
    throw new FhirFault('not-yet', 'This event is accepted but not stored yet: ask again.', {
      headers: { 'retry-after': String(retrySeconds) }
    });
  throw unknown();
}

async function findOriginal(
  client: ClickHouseClient,
  key: AuditEventKey,
  part: LogPart
): Promise<AuditEventKey | undefined> {
  const [found] = await originalOf.ask(client, { ...part, ...key });
  if (!found) return undefined;
  const original = { ...key, seq: found.original_seq };
  const [row] = await auditEventById.ask(client, { ...part, ...original });
  return row && original;
}

const unknown = () =>
  new FhirFault('not-found', 'There is no event of this id among those this token may read.');
