import type { Part as LogPart } from '../query/audit-events.ts';
import { logPart, may } from '../access/pages.ts';
import { context } from '../context.ts';
import { authentication, purposes } from '../own-audit/own-audit.ts';
import type { Reason } from '../own-audit/search-used.ts';
import { RateLimit, Slots } from '../session/rate-limit.ts';
import { tokenScope, type SearchToken } from '../session/tokens.ts';
import { FhirFault } from './fault.ts';
import { ever } from './search.ts';

/** Who asks by a token, and the part of the log it opens. */
export interface Caller {
  readonly token: SearchToken;
  readonly part: LogPart;
  /** Whether persons and patients may be asked for and are shown, as pseudonyms. */
  readonly persons: boolean;
  readonly address: string;
}

/** Requests a second and token, bursts of four times as many; wrong tokens a second and address. */
const perToken = new RateLimit(10, 40);
const perStranger = new RateLimit(2, 20);
/** Requests of one token at a time: readers of the pages share the store with them. */
const slots = new Slots(4);

/** Answers a request of whoever its token names. Cookies are never looked at. @throws {FhirFault} unauthorised, too-many-requests */
export async function withCaller(
  { request, address }: { readonly request: Request; readonly address: string },
  work: (caller: Caller) => Promise<Response>
): Promise<Response> {
  const caller = callerOf(request, address, Date.now());
  return (await slots.run(caller.token.id, () => work(caller))) ?? wait(1);
}

function callerOf(request: Request, address: string, now: number): Caller {
  const { tokens, config } = context();
  const text = /^Bearer +([\x21-\x7e]{1,256})$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  const token = text === undefined ? undefined : tokens.find(text, now);
  if (!token) {
    const seconds = perStranger.take(address, now);
    if (seconds > 0) wait(seconds);
    if (text !== undefined) tellFailure(address);
    throw new FhirFault(
      'unauthorised',
      text === undefined
        ? 'A search token is needed: Authorization: Bearer <token>, made with npx vigie token create.'
        : 'This token is not known, has expired or was revoked.',
      {
        headers: {
          'www-authenticate': `Bearer realm="vigie"${text === undefined ? '' : ', error="invalid_token"'}`
        }
      }
    );
  }
  const seconds = perToken.take(token.id, now);
  if (seconds > 0) wait(seconds);
  return {
    token,
    part: { ...logPart(token.role), ...ever, scope: tokenScope(token, config.group) },
    persons: may(token.role, 'see-pseudonyms'),
    address
  };
}

/** A wrong token is a failed sign-in; it opens nothing, so nothing waits for the log. */
function tellFailure(address: string): void {
  const { ownAudit, log } = context();
  ownAudit
    .record(authentication('failure', undefined, address))
    .catch((error: unknown) => log.error({ error: String(error) }, 'a wrong token could not be audited'));
}

function wait(seconds: number): never {
  throw new FhirFault('too-many-requests', 'Too many requests: slow down.', {
    headers: { 'retry-after': String(seconds) }
  });
}

/**
 * Why identities are asked for: the headers X-Vigie-Purpose and X-Vigie-Reference together; undefined when neither is there.
 * @throws {FhirFault} when the token may not open identities, or one of the two is wrong
 */
export function reasonOf(request: Request, token: SearchToken): Reason | undefined {
  const told = toldReason(request);
  if (told !== undefined && !token.rights.includes('identities'))
    throw new FhirFault(
      'forbidden',
      'This token opens no identities: it was made without --right identities.'
    );
  return told;
}

/**
 * Why raw messages are opened: what the headers tell, else what the token was made for.
 * @throws {FhirFault} when the token may not open messages, or one of the two headers is wrong
 */
export function messageReasonOf(request: Request, token: SearchToken): Reason {
  const { purpose, reference, rights } = token;
  if (!rights.includes('messages'))
    throw new FhirFault(
      'forbidden',
      'Syslog messages hold identities in clear: they are given to tokens of the DPO made with --right messages alone.'
    );
  const made = purposes.find((one) => one === purpose);
  const reason = toldReason(request) ?? (made && { purpose: made, reference });
  if (!reason) throw new FhirFault('forbidden', 'This token was made without a purpose.');
  return reason;
}

function toldReason(request: Request): Reason | undefined {
  const [told, reference] = [
    request.headers.get('x-vigie-purpose'),
    request.headers.get('x-vigie-reference')
  ];
  if (told === null && reference === null) return undefined;
  const purpose = purposes.find((one) => one === told);
  if (!purpose || reference === null || reference.trim().length < 4 || reference.length > 200)
    throw new FhirFault(
      'bad-value',
      `What is opened needs X-Vigie-Purpose (${purposes.join(', ')}) and X-Vigie-Reference (4 to 200 characters) together.`,
      { parameter: 'X-Vigie-Purpose' }
    );
  return { purpose, reference: reference.trim() };
}
