/** What a server or a relay changes of a resource that is the same. */
const unstable = new Set(['id', 'text', 'meta.versionId', 'meta.lastUpdated', 'meta.source']);

/**
 * The bytes whose SHA-256 tells a repeated reception: names in order, without the resource's id, versions and narrative.
 * Lists of one are their item and numbers are text, so that a JSON and an XML copy give the same bytes.
 */
export function canonicalResource(resource: object): Buffer {
  return Buffer.from(`fhir-r4|${JSON.stringify(ordered(resource, '')) ?? ''}`);
}

function ordered(value: unknown, path: string): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => ordered(item, path));
    return items.length === 1 ? items[0] : items;
  }
  if (typeof value !== 'object' || value === null) return value === null ? null : String(value);
  const entries = Object.entries(value)
    .map(([name, part]) => [name, path === '' ? name : `${path}.${name}`, part] as const)
    .filter(([, at]) => !unstable.has(at))
    .map(([name, at, part]) => [name, ordered(part, at)] as const)
    .filter(([, part]) => part !== undefined);
  if (entries.length === 0) return undefined;
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
