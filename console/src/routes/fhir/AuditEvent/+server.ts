import { answerSearch } from '#lib/server/fhir/answer-search.ts';
import { fhirBase, refuseMethod, respond } from '#lib/server/fhir/respond.ts';
import type { RequestHandler } from './$types';

/** ITI-81 Retrieve ATNA Audit Event. */
export const GET: RequestHandler = (event) =>
  respond(event, (format) =>
    answerSearch(
      {
        request: event.request,
        address: event.getClientAddress(),
        base: fhirBase(event.url),
        entries: [...event.url.searchParams]
      },
      format
    )
  );

export const fallback: RequestHandler = (event) =>
  respond(
    event,
    () =>
    refuseMethod('GET, HEAD', 'Only searches are answered here; events are posted to the collector, which has the feed (ITI-20).') // prettier-ignore
  );
