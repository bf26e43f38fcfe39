import type { OperationOutcome } from 'fhir/r4';

type Issue = OperationOutcome['issue'][number]['code'];

/** Every way in which a search or read is refused, with its HTTP status and FHIR issue type. */
const faults = {
  unauthorised: { status: 401, issue: 'login' },
  forbidden: { status: 403, issue: 'forbidden' },
  'unknown-parameter': { status: 400, issue: 'not-supported' },
  'bad-value': { status: 400, issue: 'value' },
  'missing-date': { status: 400, issue: 'required' },
  'too-many-parameters': { status: 400, issue: 'too-long' },
  'bad-cursor': { status: 400, issue: 'invalid' },
  'foreign-cursor': { status: 403, issue: 'forbidden' },
  'not-acceptable': { status: 406, issue: 'not-supported' },
  'unsupported-media': { status: 415, issue: 'not-supported' },
  'body-too-large': { status: 413, issue: 'too-long' },
  'not-found': { status: 404, issue: 'not-found' },
  'not-yet': { status: 503, issue: 'transient' },
  moved: { status: 301, issue: 'duplicate' },
  method: { status: 405, issue: 'not-supported' },
  'too-many-requests': { status: 429, issue: 'throttled' },
  'too-costly': { status: 503, issue: 'too-costly' },
  'not-audited': { status: 503, issue: 'transient' },
  'no-vault': { status: 409, issue: 'not-supported' },
  failed: { status: 500, issue: 'exception' }
} as const satisfies Record<string, { readonly status: number; readonly issue: Issue }>;

export type FaultCode = keyof typeof faults;

/** A request that is refused: a code of the table above and a sentence that says what to do. Never the caller's values. */
export class FhirFault extends Error {
  readonly code: FaultCode;
  /** Name of the request parameter at fault. */
  readonly parameter: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    code: FaultCode,
    sentence: string,
    more: { readonly parameter?: string; readonly headers?: Readonly<Record<string, string>> } = {}
  ) {
    super(sentence);
    this.code = code;
    this.parameter = more.parameter;
    this.headers = more.headers ?? {};
  }

  get status(): number {
    return faults[this.code].status;
  }
}

/** What the caller is told (FHIR R4 OperationOutcome; a parameter is located as `http.<name>`). */
export function outcomeOf(fault: FhirFault): OperationOutcome {
  return {
    resourceType: 'OperationOutcome',
    issue: [
      {
        severity: fault.code === 'moved' ? 'information' : 'error',
        code: faults[fault.code].issue,
        details: { coding: [{ system: 'urn:vigie:fault', code: fault.code }] },
        diagnostics: fault.message,
        ...(fault.parameter !== undefined && { location: [`http.${fault.parameter}`] })
      }
    ]
  };
}
