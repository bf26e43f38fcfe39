import { clickhouseErrorCode } from '@vigie/store';
import { context } from '../context.ts';
import { FhirFault, outcomeOf } from './fault.ts';
import { answer, formatOf, type Format } from './format.ts';

/** ClickHouse: too slow, too much memory, too many rows. */
const costly = new Set([158, 159, 160, 241, 307, 396]);

/** What went wrong, as a fault: what nobody foresaw is logged by its name alone, for its message may quote the search. */
export function faultOf(error: unknown, requestId: string): FhirFault {
  if (error instanceof FhirFault) return error;
  if (typeof error === 'object' && error !== null && 'status' in error && error.status === 413)
    return new FhirFault('body-too-large', 'The body is larger than 64 kB.');
  if (costly.has(clickhouseErrorCode(error) ?? 0))
    return new FhirFault('too-costly', 'This search reads too much: narrow its dates.');
  const name = error instanceof Error ? error.name : 'unknown error';
  context().log.error({ id: requestId, error: name, code: clickhouseErrorCode(error) }, 'a search failed');
  return new FhirFault('failed', `The search failed; quote ${requestId} to whoever runs Vigie.`);
}

/** Public address of the FHIR side: receivers.fhir_base where a proxy joins feed and search, else where this request came. */
export const fhirBase = (url: URL): string =>
  context().config.group.receivers.fhir_base?.replace(/\/+$/, '') ?? `${url.origin}/fhir`;

/** Runs a request of the FHIR side: its answer, or an OperationOutcome in the form the caller reads. */
export async function respond(
  event: { readonly request: Request; readonly url: URL; readonly locals: App.Locals },
  work: (format: Format) => Promise<Response>
): Promise<Response> {
  let format: Format = 'json';
  try {
    format = formatOf(event.request.headers.get('accept'), event.url.searchParams.get('_format'));
    return await work(format);
  } catch (error) {
    const fault = faultOf(error, event.locals.requestId);
    return answer(outcomeOf(fault), format, { status: fault.status, headers: fault.headers });
  }
}

/** @throws {FhirFault} method: with what is allowed here, and where the rest is done */
export function refuseMethod(allow: string, sentence: string): never {
  throw new FhirFault('method', sentence, { headers: { allow } });
}
