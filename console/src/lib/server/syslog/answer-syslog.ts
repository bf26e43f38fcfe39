import { z } from 'zod';
import { messageReasonOf, withCaller, type Caller } from '../fhir/caller.ts';
import { cursorKey, Link, openCursor, sealCursor } from '../fhir/cursor.ts';
import { FhirFault } from '../fhir/fault.ts';
import type { Format } from '../fhir/format.ts';
import { pseudonymSystem } from '../fhir/identifiers.ts';
import { recorded } from '../fhir/recorded.ts';
import { ever } from '../fhir/search.ts';
import { escapeXml } from '../fhir/xml.ts';
import { context } from '../context.ts';
import { eventsUsed, searched } from '../own-audit/search-used.ts';
import { machinesAmong, newestBlocks } from '../query/audit-events.ts';
import type { SyslogMessage } from './header.ts';
import { parseSyslogSearch, SyslogSearch } from './parse.ts';
import { findMessages } from './search.ts';

const SyslogLink = Link.extend({
  search: SyslogSearch,
  query: z.string(),
  blocks: z.array(z.tuple([z.string(), z.number()])),
  at: z.object({ after: z.number(), collector: z.string(), seq: z.number() })
});

interface Asked {
  readonly request: Request;
  readonly address: string;
  /** Address of this search, without parameters. */
  readonly self: string;
  readonly entries: readonly (readonly [string, string])[];
}

/**
 * ITI-82 Retrieve Syslog Event: an array of messages, the next page named by a Link header (RFC 8288). Raw messages hold
 * identities in clear: the search is in the log with its purpose before any is opened, the messages before they are given.
 * @throws {FhirFault}
 */
export function answerSyslogSearch(asked: Asked, format: Format): Promise<Response> {
  return withCaller(asked, (caller) => messagesFor(caller, asked, format));
}

async function messagesFor(caller: Caller, asked: Asked, format: Format): Promise<Response> {
  const reason = messageReasonOf(asked.request, caller.token);
  const { client, config, ownAudit } = context();
  const vault = config.vaultKey();
  if (vault === undefined)
    throw new FhirFault('no-vault', 'This console has no key of the vault: messages cannot be opened here.');
  const key = cursorKey(config.sessionKey());
  const { token, address } = caller;
  const now = Date.now();
  const cursor = asked.entries.find(([name]) => name === '_cursor')?.[1];
  if (cursor !== undefined && asked.entries.some(([name]) => name !== '_cursor' && name !== '_format'))
    throw new FhirFault('bad-value', 'A page link is followed as it is, without other parameters.', {
      parameter: '_cursor'
    });
  const plan =
    cursor === undefined
      ? { ...(await newPlan(asked, caller)), at: undefined }
      : openCursor(SyslogLink, cursor, token.id, key, now);
  await recorded(ownAudit.record(searched(token, address, 'ITI-82', plan.query, reason)));
  const { search, query, blocks } = plan;
  const { messages, ids, next } = await findMessages(
    client,
    search,
    blocks,
    plan.at,
    caller.part.scope,
    vault
  );
  if (ids.length > 0) await recorded(ownAudit.record(eventsUsed(token, address, 'raw', ids, reason)));
  const link = next && { token: token.id, issuedAt: now, search, query, blocks, at: next };
  const headers = {
    vary: 'accept, authorization',
    ...(link && { link: `<${asked.self}?_cursor=${sealCursor(link, key)}>; rel="next"` })
  };
  return format === 'json'
    ? Response.json(messages, { headers })
    : new Response(messagesXml(messages), {
        headers: { 'content-type': 'application/xml; charset=utf-8', ...headers }
      });
}

async function newPlan({ entries }: Asked, caller: Caller) {
  const { client, config } = context();
  const asked = parseSyslogSearch(entries, config.pseudonymKey());
  const ids = [...asked.requestors, ...asked.receivers].flat();
  const machines =
    ids.length === 0 ? [] : await machinesAmong.ask(client, { ...caller.part, ids, limit: ids.length });
  const known = new Set(machines.map(({ id }) => id));
  // Of what a participant may be called, what no machine is called is a pseudonym, or nobody.
  const held = (lists: readonly (readonly string[])[]) => lists.map((list) => list.filter((id) => known.has(id) || /^[0-9a-f]{32}$/.test(id))); // prettier-ignore
  const search = { ...asked, requestors: held(asked.requestors), receivers: held(asked.receivers) };
  const blocks = await newestBlocks.ask(client, { ...caller.part, ...ever });
  return {
    search,
    query: shownQuery(entries, search),
    blocks: blocks.map(({ collector, block }): [string, number] => [collector, block])
  };
}

/** The query as it is told to the log: participants by what the facts hold. */
function shownQuery(entries: Asked['entries'], search: SyslogSearch): string {
  const [requestors, receivers] = [[...search.requestors], [...search.receivers]];
  const shown = (ids: readonly string[] | undefined) => (ids ?? []).map((id) => (/^[0-9a-f]{32}$/.test(id) ? `${pseudonymSystem}|${id}` : id)).join(','); // prettier-ignore
  return new URLSearchParams(
    entries.map(([name, value]) => {
      const lower = name.toLowerCase();
      if (lower === 'requestor') return [name, shown(requestors.shift())];
      return [name, lower === 'receiver' ? shown(receivers.shift()) : value];
    })
  ).toString();
}

function messagesXml(messages: readonly SyslogMessage[]): string {
  const one = (message: SyslogMessage) =>
    Object.entries(message).map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`).join(''); // prettier-ignore
  return `<?xml version="1.0" encoding="UTF-8"?><SyslogMessages>${messages.map((message) => `<SyslogMessage>${one(message)}</SyslogMessage>`).join('')}</SyslogMessages>`;
}
