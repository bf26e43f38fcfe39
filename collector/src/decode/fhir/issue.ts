import type { QuarantineReason } from '../../verdict.ts';
import { Undecodable } from '../undecodable.ts';

/** One thing wrong with a resource, as an OperationOutcome tells it. Never the sender's data. */
export interface FhirIssue {
  /** Of the value set issue-type. */
  readonly code:
    | 'structure'
    | 'required'
    | 'value'
    | 'invariant'
    | 'not-supported'
    | 'too-long'
    | 'too-costly'
    | 'login'
    | 'forbidden'
    | 'throttled'
    | 'transient'
    | 'exception'
    | 'not-found';
  /** FHIRPath of the element, such as `AuditEvent.agent[0].requestor`; '' when it is none of one element. */
  readonly expression: string;
  /** What is wrong and how to mend it; reads on after the expression. */
  readonly text: string;
}

/** A resource that is not taken, with everything that is wrong with it. */
export class RefusedResource extends Undecodable {
  readonly issues: readonly FhirIssue[];

  /** @param issues not empty; the first is the detail shown in quarantine */
  constructor(reason: QuarantineReason, issues: readonly FhirIssue[]) {
    const [first] = issues;
    super(reason, `${first?.expression ?? ''} ${first?.text ?? ''}`.trim());
    this.issues = issues;
  }
}
