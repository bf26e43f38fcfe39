import { context } from '../context.ts';
import { eventsUsed } from '../own-audit/search-used.ts';
import { reasonOf, withCaller, type Caller } from './caller.ts';
import { answer, type Format } from './format.ts';
import { openIdentities } from './identities.ts';
import { readEvent } from './read.ts';
import { recorded } from './recorded.ts';
import { auditEventOf } from './resource.ts';

interface Asked {
  readonly request: Request;
  readonly address: string;
  readonly base: string;
  readonly id: string;
}

/** One event by its id: authorises, writes the read to the log, and only then looks. @throws {FhirFault} */
export function answerRead(asked: Asked, format: Format): Promise<Response> {
  return withCaller(asked, (caller) => readFor(caller, asked, format));
}

async function readFor(caller: Caller, { request, address, base, id: told }: Asked, format: Format) {
  const reason = reasonOf(request, caller.token);
  const { client, ownAudit } = context();
  // What is no id of ours may be anything: it is not told.
  const id = /^[a-z0-9]{1,16}-(?:audit|own)-\d{1,15}-\d{1,5}$/.test(told) ? told : 'unknown';
  await recorded(ownAudit.record(eventsUsed(caller.token, address, 'read', [id])));
  const row = await readEvent(client, id, caller.part, base);
  const opened = reason ? await openIdentities([row], caller, reason) : new Map();
  const resource = auditEventOf(row, { pseudonyms: caller.persons, opened });
  return answer(resource, format, { headers: { 'last-modified': row.received_at.toUTCString() } });
}
