import type { z } from 'zod';
import { AuditEvent } from './audit-event.ts';
import { RefusedResource, type FhirIssue } from './issue.ts';
import { versionIssue } from './version.ts';

/** Told of one resource at most. */
const issueLimit = 20;

/**
 * Holds a parsed resource against R4 AuditEvent.
 * @throws {RefusedResource} not-an-audit-message, unsupported-message (another version of FHIR, a modifier), missing-field,
 * bad-value: with every element that is wrong
 */
export function checkAuditEvent(resource: unknown): AuditEvent {
  const type = typeOf(resource);
  if (type !== 'AuditEvent') throw new RefusedResource('not-an-audit-message', [wrongType(type)]);
  const root = resource as Readonly<Record<string, unknown>>;
  const version = versionIssue(root);
  if (version !== undefined) throw new RefusedResource('unsupported-message', [version]);
  const modifier = modifierIssue(root, 'AuditEvent', 0);
  if (modifier !== undefined) throw new RefusedResource('unsupported-message', [modifier]);
  const result = AuditEvent.safeParse(resource, { reportInput: true });
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, issueLimit).map(issueOf);
  throw new RefusedResource(issues[0]?.code === 'required' ? 'missing-field' : 'bad-value', issues);
}

/** resourceType of a parsed body; null when it is no resource at all, '' when it does not say. */
export function typeOf(resource: unknown): string | null {
  if (typeof resource !== 'object' || resource === null || Array.isArray(resource)) return null;
  const type = (resource as Record<string, unknown>)['resourceType'];
  return typeof type === 'string' ? type : '';
}

export function wrongType(type: string | null): FhirIssue {
  if (type === null)
    return {
      code: 'structure',
      expression: '',
      text: 'the body is no resource: send one AuditEvent, or several in a Bundle of type batch, never a bare list'
    };
  if (type === '')
    return { code: 'required', expression: 'resourceType', text: 'is missing: it must be AuditEvent' };
  if (type === 'Bundle')
    return {
      code: 'not-supported',
      expression: 'Bundle',
      text: 'is not taken here: POST a Bundle of type batch to [base], one AuditEvent to [base]/AuditEvent'
    };
  return { code: 'not-supported', expression: 'resourceType', text: 'must be AuditEvent' };
}

/** Elements that are looked into; others are not read, and their names are the sender's own. */
const elements = new Set(
  'agent coding contained detail entity identifier lifecycle media meta network observer period purposeOfEvent purposeOfUse role securityLabel source subtype type what who'.split(
    ' '
  )
);

/** What a modifier may turn round must not be taken as if it were not there (R4, extensibility). */
function modifierIssue(value: unknown, path: string, depth: number): FhirIssue | undefined {
  if (typeof value !== 'object' || value === null || depth > 32) return undefined;
  for (const [key, part] of Object.entries(value)) {
    const at = Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`;
    if (key === 'modifierExtension' || (key === 'implicitRules' && depth === 0))
      return {
        code: 'not-supported',
        expression: at,
        text: 'may change what the resource means, and is not understood: send the event without it'
      };
    if (!Array.isArray(value) && !elements.has(key)) continue;
    const found = modifierIssue(part, at, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function issueOf(issue: z.core.$ZodIssue): FhirIssue {
  const expression = issue.path.reduce<string>(
    (path, part) => (typeof part === 'number' ? `${path}[${part}]` : `${path}.${String(part)}`),
    'AuditEvent'
  );
  if (issue.code === 'invalid_type') {
    if (issue.input === undefined)
      return { code: 'required', expression, text: `is missing: R4 requires it${hint(expression)}` };
    return { code: 'structure', expression, text: `must be ${shapes[issue.expected] ?? issue.expected}` };
  }
  const text = issue.message.startsWith('must ') ? issue.message : 'is not valid';
  return { code: issue.code === 'too_small' ? 'required' : 'value', expression, text };
}

const shapes: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'an object',
  string: 'text',
  boolean: 'true or false, without quotes'
};

/** How to mend what senders most often leave out. */
function hint(expression: string): string {
  if (expression.endsWith('.requestor')) return ' (true for whoever asked, false for all others)';
  if (expression === 'AuditEvent.recorded') return ' (an instant such as "2026-11-24T08:05:00+01:00")';
  if (expression === 'AuditEvent.source' || expression.endsWith('.observer'))
    return ' (source.observer names the system that tells)';
  return '';
}
