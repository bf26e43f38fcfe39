import type { ContentfulStatusCode } from 'hono/utils/http-status';

interface Refusal {
  readonly status: ContentfulStatusCode;
  readonly message: string;
  readonly mend: string;
  /** Seconds for Retry-After. */
  readonly retryAfter?: number;
}

/** Everything the HTTP inputs can refuse with: closed, and the same sentence every time. */
export const refusals = {
  unauthorised: {
    status: 401,
    message: 'no API key, or one that is not known',
    mend: 'send "Authorization: Bearer <key>" with a key whose SHA-256 stands under api_keys in vigie.yaml'
  },
  'feed-not-allowed': {
    status: 403,
    message: 'this API key may not write to this input',
    mend: 'add the input to the key’s feeds in vigie.yaml'
  },
  'not-found': {
    status: 404,
    message: 'there is no such input',
    mend: 'POST to /v1/audit, /v1/transfers, /v1/transfers/karnak, /v1/exams, /v1/mpps, /v1/storage, /v1/volumes, /v1/probes, /v1/usage, /v1/census, /v1/metrics or /v1/own, or FHIR to /fhir/AuditEvent'
  },
  'method-not-allowed': {
    status: 405,
    message: 'inputs take in and give nothing out',
    mend: 'use POST'
  },
  'bad-body': {
    status: 400,
    message: 'the body is neither {"records": […]} nor one JSON record a line',
    mend: 'send application/json with a "records" list, or application/x-ndjson; both in UTF-8'
  },
  'nothing-to-take': {
    status: 400,
    message: 'the body holds no record',
    mend: 'send at least one record'
  },
  'bad-record': {
    status: 422,
    message: 'the message cannot be decoded: it is kept in quarantine',
    mend: 'see "rejected" for the field and what it must be'
  },
  'too-large': {
    status: 413,
    message: 'the body is larger than max_message_bytes of this sender',
    mend: 'send smaller batches, or raise the limit in vigie.yaml'
  },
  'too-many-records': {
    status: 413,
    message: 'the body holds more records than one request may',
    mend: 'send at most 5000 records a request'
  },
  'too-many-points': {
    status: 413,
    message: 'the request holds more data points than one request may',
    mend: 'send at most 50000 data points a request: export more often, or in batches'
  },
  'unsupported-media-type': {
    status: 415,
    message: 'this content type is not read here',
    mend: 'send application/json or application/x-ndjson; /v1/audit and /v1/own read application/xml too'
  },
  'unsupported-encoding': {
    status: 415,
    message: 'this content encoding is not read, or the body does not keep to it',
    mend: 'send the body plain or with gzip'
  },
  'too-many-requests': {
    status: 429,
    message: 'messages come faster than this sender may send',
    mend: 'wait as Retry-After says; put more records into fewer requests, or raise max_messages_per_second in vigie.yaml',
    retryAfter: 1
  },
  'spool-full': {
    status: 503,
    message: 'nothing was kept: the spool is full or its disk fails',
    mend: 'send it again later; /readyz says what is wrong',
    retryAfter: 10
  },
  busy: {
    status: 503,
    message: 'nothing was kept: too many large requests are being read at once',
    mend: 'send it again later',
    retryAfter: 2
  },
  'fhir-not-acceptable': {
    status: 406,
    message: 'answers are FHIR in JSON or XML',
    mend: 'send "Accept: application/fhir+json" or "application/fhir+xml"'
  },
  'fhir-media-type': {
    status: 415,
    message: 'this content type is not read here',
    mend: 'send application/fhir+json or application/fhir+xml'
  },
  'fhir-version': {
    status: 415,
    message: 'the content type names another version of FHIR: the body is kept in quarantine',
    mend: 'send FHIR R4: fhirVersion=4.0'
  },
  'fhir-type': {
    status: 404,
    message: 'the feed takes no other resource than AuditEvent',
    mend: 'POST one to [base]/AuditEvent, or several to [base] in a Bundle of type batch'
  },
  'fhir-read': {
    status: 404,
    message: 'the collector takes events in and gives none out',
    mend: 'search and read at the console: GET [console]/fhir/AuditEvent'
  },
  'fhir-method': {
    status: 405,
    message: 'what was recorded is not changed and not removed',
    mend: 'POST new events; the server chooses their ids'
  },
  'fhir-conditional': {
    status: 400,
    message:
      'a condition was set (If-None-Exist, If-Match, If-None-Match, If-Modified-Since): the event is kept in quarantine',
    mend: 'send the event without it: repeated events are found by their content, and stored once'
  },
  'fhir-body': {
    status: 400,
    message: 'the body is not what this address takes: it is kept in quarantine',
    mend: 'see "expression" for the element'
  },
  'fhir-resource': {
    status: 422,
    message: 'the event is not a FHIR R4 AuditEvent that can be taken: it is kept in quarantine',
    mend: 'see "expression" for the element'
  },
  'karnak-media-type': {
    status: 415,
    message: 'this content type is not read here',
    mend: 'send the CSV export of Karnak as text/csv'
  },
  'karnak-header': {
    status: 400,
    message: 'the first line is not the header of Karnak’s monitoring export',
    mend: 'send the file as Karnak exports it, with its header: docs/inputs/karnak.md lists the columns that are needed'
  },
  'karnak-body': {
    status: 400,
    message: 'the body is not CSV, or a row is longer than 64 kB',
    mend: 'send CSV (RFC 4180) in UTF-8, separated by commas, semicolons or tabs'
  },
  'otlp-media-type': {
    status: 415,
    message: 'this content type is not read here',
    mend: 'send metrics as application/x-protobuf or application/json (OTLP over HTTP)'
  },
  'otlp-body': {
    status: 400,
    message: 'the body is not an ExportMetricsServiceRequest: it is kept in quarantine',
    mend: 'send OTLP 1.x to /v1/metrics; traces and logs are not taken'
  },
  unforeseen: {
    status: 500,
    message: 'the collector failed on this request',
    mend: 'send it again; the log names the failure'
  }
} as const satisfies Record<string, Refusal>;
export type RefusalCode = keyof typeof refusals;

/** A refusal on its way to the sender. */
export class RefusedError extends Error {
  readonly code: RefusalCode;
  /** Seconds for Retry-After, where the usual ones are too few. */
  readonly retryAfter: number | undefined;
  constructor(code: RefusalCode, retryAfter?: number) {
    super(refusals[code].message);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}
