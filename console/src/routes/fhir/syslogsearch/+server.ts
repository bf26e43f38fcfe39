import { refuseMethod, respond } from '#lib/server/fhir/respond.ts';
import { answerSyslogSearch } from '#lib/server/syslog/answer-syslog.ts';
import type { RequestHandler } from './$types';

/** ITI-82 Retrieve Syslog Event. */
export const GET: RequestHandler = (event) =>
  respond(event, (format) =>
    answerSyslogSearch(
      {
        request: event.request,
        address: event.getClientAddress(),
        self: `${event.url.origin}${event.url.pathname}`,
        entries: [...event.url.searchParams]
      },
      format
    )
  );

export const fallback: RequestHandler = (event) =>
  respond(event, () =>
    refuseMethod('GET, HEAD', 'Messages are searched here; they are sent to the collector by syslog.')
  );
