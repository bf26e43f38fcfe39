import { capabilityStatement } from '#lib/server/fhir/capability.ts';
import { answer } from '#lib/server/fhir/format.ts';
import { fhirBase, refuseMethod, respond } from '#lib/server/fhir/respond.ts';
import type { RequestHandler } from './$types';

/** What this side does; tells nothing of the log, so no token is asked for. */
export const GET: RequestHandler = (event) =>
  respond(event, async (format) => answer(capabilityStatement(fhirBase(event.url)), format));

export const fallback: RequestHandler = (event) =>
  respond(event, () => refuseMethod('GET, HEAD', 'The capability statement is only read.'));
