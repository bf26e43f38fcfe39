import { context } from '../context.ts';
import { searched } from '../own-audit/search-used.ts';
import { searchset } from './bundle.ts';
import { reasonOf, withCaller, type Caller } from './caller.ts';
import { Cursor, cursorKey, openCursor, sealCursor } from './cursor.ts';
import { FhirFault } from './fault.ts';
import { answer, type Format } from './format.ts';
import { openIdentities } from './identities.ts';
import { parseSearch } from './parse.ts';
import { recorded } from './recorded.ts';
import { resolveSearch } from './resolve.ts';
import { auditEventOf } from './resource.ts';
import { beginSearch, searchPage, windowOf, type Plan } from './search.ts';

/** One request for a search or a page of it. */
export interface Asked {
  readonly request: Request;
  readonly address: string;
  /** Address of the FHIR side, such as https://vigie.example.fr/fhir. */
  readonly base: string;
  readonly entries: readonly (readonly [string, string])[];
}

/**
 * ITI-81: authorises, reads the parameters, writes the search to the log, and only then looks: no ack, no data.
 * @throws {FhirFault}
 */
export function answerSearch(asked: Asked, format: Format): Promise<Response> {
  return withCaller(asked, (caller) => searchFor(caller, asked, format));
}

async function searchFor(caller: Caller, asked: Asked, format: Format): Promise<Response> {
  const { request, base, entries } = asked;
  const reason = reasonOf(request, caller.token);
  const { client, config } = context();
  const key = cursorKey(config.sessionKey());
  const now = new Date();
  const cursor = entries.find(([name]) => name === '_cursor')?.[1];
  const plan =
    cursor === undefined ? await newPlan(asked, caller) : await nextPlan(cursor, asked, caller, key, now);

  const part = { ...caller.part, ...windowOf(plan.clauses) };
  const { rows, total, next } = await searchPage(client, plan, part, caller.persons);
  const opened = reason ? await openIdentities(rows, caller, reason) : new Map();
  const { clauses, query, count, sort, blocks } = plan;
  const link = { token: caller.token.id, issuedAt: now.getTime(), clauses, query, count, sort, blocks };
  const sealed = next && sealCursor<Cursor>({ ...link, total, after: next }, key);
  const page = (text: string) => `${base}/AuditEvent?_cursor=${text}`;
  const bundle = searchset({
    base,
    now,
    total,
    self:
      cursor === undefined
        ? `${base}/AuditEvent?${query}&_count=${plan.countOnly ? 0 : count}&_sort=${sort}`
        : page(cursor),
    next: sealed === undefined ? undefined : page(sealed),
    events: rows.map((row) => auditEventOf(row, { pseudonyms: caller.persons, opened }))
  });
  return answer(bundle, format);
}

async function newPlan({ entries }: Asked, caller: Caller): Promise<Plan> {
  const { client, config, ownAudit } = context();
  const search = parseSearch(entries, {
    persons: caller.persons,
    config: config.group,
    key: config.pseudonymKey()
  });
  const clauses = search.parts.flatMap(({ asked }) => (asked.kind === 'any-of-system' ? [] : [asked]));
  const part = { ...caller.part, ...windowOf(clauses) };
  const resolved = await resolveSearch(client, search, part);
  await recorded(ownAudit.record(searched(caller.token, caller.address, 'ITI-81', resolved.query)));
  return beginSearch(client, search, resolved, part);
}

async function nextPlan(
  cursor: string,
  { entries }: Asked,
  caller: Caller,
  key: Buffer,
  now: Date
): Promise<Plan> {
  if (entries.some(([name]) => name !== '_cursor' && name !== '_format' && name !== '_pretty'))
    throw new FhirFault('bad-value', 'A page link is followed as it is, without other parameters.', {
      parameter: '_cursor'
    });
  const opened = openCursor(Cursor, cursor, caller.token.id, key, now.getTime());
  const plan = { ...opened, countOnly: false, counting: 'never' as const };
  await recorded(
    context().ownAudit.record(searched(caller.token, caller.address, 'ITI-81', `${plan.query}&_page=next`))
  );
  return plan;
}
