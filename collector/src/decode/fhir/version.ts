import type { FhirIssue } from './issue.ts';

type Node = Readonly<Record<string, unknown>>;

/** Elements that only another version of AuditEvent has, and the version they betray: at the root, in an agent, … */
const betrayals: readonly (readonly [path: string, version: string])[] = [
  ['event', 'DSTU2'],
  ['participant', 'DSTU2'],
  ['object', 'DSTU2'],
  ['agent.userId', 'STU3'],
  ['agent.reference', 'STU3'],
  ['entity.identifier', 'STU3'],
  ['entity.reference', 'STU3'],
  ['source.identifier', 'STU3'],
  ['category', 'R5'],
  ['code', 'R5'],
  ['severity', 'R5'],
  ['occurredPeriod', 'R5'],
  ['occurredDateTime', 'R5'],
  ['authorization', 'R5'],
  ['basedOn', 'R5'],
  ['patient', 'R5'],
  ['encounter', 'R5'],
  ['outcome.code', 'R5'],
  ['agent.networkReference', 'R5'],
  ['agent.networkUri', 'R5'],
  ['agent.networkString', 'R5'],
  ['agent.authorization', 'R5']
];

/** @returns what betrays a resource of another version than R4 (4.0, 4.3), or undefined */
export function versionIssue(root: Node): FhirIssue | undefined {
  for (const [path, version] of betrayals) {
    const at = find(root, path.split('.'), 'AuditEvent');
    if (at !== undefined)
      return {
        code: 'not-supported',
        expression: at,
        text: `is an element of ${version}: this feed takes FHIR R4 (4.0.1), so set the sender to R4`
      };
  }
  return undefined;
}

/** Where the element of a path stands, if it does; of a list, the first item that has it. */
function find(node: unknown, [name, ...rest]: readonly string[], at: string): string | undefined {
  if (name === undefined) return at;
  if (Array.isArray(node)) {
    for (const [index, item] of node.entries()) {
      const found = find(item, [name, ...rest], `${at}[${index}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (typeof node !== 'object' || node === null || !Object.hasOwn(node, name)) return undefined;
  return find((node as Node)[name], rest, `${at}.${name}`);
}
