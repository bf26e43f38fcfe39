import type { Forward } from '@vigie/schemas';
import type { Lane, Reception } from '../reception.ts';
import type { Verdict } from '../verdict.ts';

/** Targets that get a message. `fits` is false when the rule wants it and the target cannot take it unchanged. */
export interface Match {
  readonly target: string;
  readonly fits: boolean;
}

/**
 * Which targets want a message. A list that is empty wants everything; event codes and outcomes are those of any event in the
 * message, so a message that was not understood matches only rules that ask for neither. Pure.
 */
export function matches(
  rules: readonly Forward[],
  lane: Lane,
  reception: Reception,
  verdict: Verdict
): Match[] {
  const events =
    verdict.kind === 'facts'
      ? verdict.facts.flatMap((fact) => (fact.table === 'audit.event' ? [fact.row] : []))
      : [];
  return rules
    .filter(({ when }) => {
      if (!(when.lanes as readonly Lane[]).includes(lane)) return false;
      if (when.sources.length > 0 && !when.sources.includes(verdict.origin.source)) return false;
      if (when.event_codes.length === 0 && when.outcomes.length === 0) return true;
      return events.some(
        ({ event_code: code, outcome }) =>
          (when.event_codes.length === 0 || when.event_codes.includes(code)) &&
          (when.outcomes.length === 0 || (when.outcomes as readonly number[]).includes(outcome))
      );
    })
    .map(({ id, to }) => ({ target: id, fits: fits(to.kind, reception) }));
}

/** What came as DICOM goes on as syslog, what came as FHIR as FHIR; a message cut at its cap goes nowhere. */
function fits(kind: Forward['to']['kind'], { format, oversize }: Reception): boolean {
  if (oversize !== undefined) return false;
  switch (kind) {
    case 'syslog-tls':
      return (
        format === 'syslog' || format === 'audit-xml' || format === 'own-audit' || format === 'json-audit'
      );
    case 'fhir':
      return format === 'fhir-json' || format === 'fhir-xml';
    default:
      return kind satisfies never;
  }
}
