import type { FhirResource } from '@vigie/schemas/fhir-xml';
import type { FhirIssue } from '../decode/fhir/issue.ts';
import { refusals, type RefusalCode } from './http-errors.ts';

const issueTypes: Partial<Record<RefusalCode, FhirIssue['code']>> = {
  unauthorised: 'login',
  'feed-not-allowed': 'forbidden',
  'too-large': 'too-long',
  'too-many-records': 'too-costly',
  'too-many-requests': 'throttled',
  'spool-full': 'transient',
  busy: 'transient',
  unforeseen: 'exception',
  'nothing-to-take': 'required',
  'fhir-type': 'not-found',
  'fhir-read': 'not-found',
  'fhir-body': 'structure',
  'fhir-resource': 'value'
};

/**
 * An OperationOutcome for a refusal: its code, what is wrong and how to mend it, element by element where there are some.
 * Nothing of what was sent is in it.
 */
export function outcomeOf(code: RefusalCode, issues: readonly FhirIssue[] = []): FhirResource {
  const { message, mend } = refusals[code];
  const coding = [{ system: 'urn:vigie:refusal', code }];
  const general = { code: issueTypes[code] ?? 'not-supported', expression: '', text: `${message}; ${mend}` };
  return {
    resourceType: 'OperationOutcome',
    issue: (issues.length === 0 ? [general] : issues).map((issue) => ({
      severity: 'error',
      code: issue.code,
      details: { coding, text: `${issue.expression} ${issue.text}`.trim() },
      ...(issue.expression !== '' && { expression: [issue.expression] })
    }))
  };
}

/** What a sender that asks for an OperationOutcome hears of an event that was taken. */
export function takenOutcome(): FhirResource {
  return {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'information', code: 'informational', details: { text: 'the event is on disk' } }]
  };
}
