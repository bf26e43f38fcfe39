import { answerRead } from '#lib/server/fhir/answer-read.ts';
import { fhirBase, refuseMethod, respond } from '#lib/server/fhir/respond.ts';
import type { RequestHandler } from './$types';

const noHistory = 'Events are never changed: they have no versions and no history.';

export const GET: RequestHandler = (event) =>
  respond(event, async (format) => {
    if (event.params.id === '_history') refuseMethod('', noHistory);
    return answerRead(
      {
        request: event.request,
        address: event.getClientAddress(),
        base: fhirBase(event.url),
        id: event.params.id
      },
      format
    );
  });

export const fallback: RequestHandler = (event) =>
  respond(event, () =>
    refuseMethod('GET, HEAD', 'An event is read here; nothing in the log is changed or deleted.')
  );
