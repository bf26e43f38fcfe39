/** Elements that R4 repeats, by the element they stand in; those of '' wherever they stand. The rest stand once. */
const lists: Readonly<Record<string, readonly string[]>> = {
  '': ['extension', 'modifierExtension', 'contained', 'coding'],
  AuditEvent: ['subtype', 'purposeOfEvent', 'agent', 'entity'],
  agent: ['role', 'policy', 'purposeOfUse'],
  source: ['type'],
  entity: ['securityLabel', 'detail'],
  meta: ['profile', 'security', 'tag'],
  /** Any contained resource. */
  contained: ['identifier', 'name', 'telecom', 'given']
};
const booleans = new Set(['requestor', 'userSelected', 'valueBoolean', 'active']);
const numbers = new Set(['valueInteger', 'valuePositiveInt', 'valueUnsignedInt', 'valueDecimal']);

/** One open element: what has been read of it. */
export interface Frame {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Map<string, unknown[]>;
}

/** Adds what a closed element says to the element it stands in, as FHIR JSON has it. */
export function attach(parent: Frame, { name, attributes, children }: Frame): void {
  const told = attributes['value'];
  const rest = content(name, attributes, children);
  if (told === undefined) return add(parent, name, rest ?? {});
  add(parent, name, primitive(name, told));
  if (rest !== undefined) add(parent, `_${name}`, rest);
}

/** A closed resource element as FHIR JSON. */
export function resourceOf({ name, attributes, children }: Frame): Record<string, unknown> {
  return { resourceType: name, ...content(name, attributes, children) };
}

function content(
  name: string,
  attributes: Frame['attributes'],
  children: Frame['children']
): Record<string, unknown> | undefined {
  const { id, url } = attributes;
  const entries: [string, unknown][] = [];
  if (id !== undefined) entries.push(['id', id]);
  if (url !== undefined) entries.push(['url', url]);
  for (const [child, values] of children) {
    const single = values.length === 1 && !isList(name, child);
    entries.push([child, single ? values[0] : values]);
  }
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function isList(parent: string, child: string): boolean {
  const within = /^[A-Z]/.test(parent) && parent !== 'AuditEvent' ? 'contained' : parent;
  const bare = child.replace(/^_/, '');
  return (
    lists['']?.includes(bare) === true ||
    (Object.hasOwn(lists, within) && lists[within]?.includes(bare) === true)
  );
}

function add({ children }: Frame, name: string, value: unknown): void {
  const values = children.get(name);
  if (values === undefined) children.set(name, [value]);
  else values.push(value);
}

/** The type that JSON has; what does not fit it stays text, and the check names it. */
function primitive(name: string, told: string): unknown {
  if (booleans.has(name) && (told === 'true' || told === 'false')) return told === 'true';
  if (numbers.has(name) && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(told)) return Number(told);
  return told;
}
