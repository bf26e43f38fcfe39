import { FhirFault } from '#lib/server/fhir/fault.ts';
import { refuseMethod, respond } from '#lib/server/fhir/respond.ts';
import type { RequestHandler } from './$types';

/** What nothing else answers: versions and history of events, the base itself, other resources. */
export const fallback: RequestHandler = (event) =>
  respond(event, () => {
    if (/^(?:AuditEvent\/[^/]+\/)?_history(?:\/|$)/.test(event.params.rest))
      refuseMethod('', 'Events are never changed: they have no versions and no history.');
    if (event.params.rest === '' && event.request.method === 'POST')
      refuseMethod('', 'Bundles are posted to the collector, which has the feed (ITI-20).');
    throw new FhirFault('not-found', 'Answered here: /fhir/metadata, /fhir/AuditEvent, /fhir/AuditEvent/<id>, /fhir/AuditEvent/_search.'); // prettier-ignore
  });
