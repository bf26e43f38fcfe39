import { answerSearch } from '#lib/server/fhir/answer-search.ts';
import { fhirBase, refuseMethod, respond } from '#lib/server/fhir/respond.ts';
import { formEntries } from '#lib/server/fhir/form.ts';
import type { RequestHandler } from './$types';

/** ITI-81 with its parameters in the body, where patient identifiers belong; those of the address count too. */
export const POST: RequestHandler = (event) =>
  respond(event, async (format) =>
    answerSearch(
      {
        request: event.request,
        address: event.getClientAddress(),
        base: fhirBase(event.url),
        entries: [...event.url.searchParams, ...(await formEntries(event.request))]
      },
      format
    )
  );

export const fallback: RequestHandler = (event) =>
  respond(event, () => refuseMethod('POST', 'Parameters are posted here as a form.'));
