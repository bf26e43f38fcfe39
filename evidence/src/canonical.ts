/** What canonical bytes are made of: no floats but whole numbers, no null. */
export type Canonical =
  string | number | boolean | readonly Canonical[] | { readonly [name: string]: Canonical | undefined };

/**
 * Canonical bytes: JSON with keys sorted, no blanks (RFC 8785 for this shape: text, whole numbers, lists, objects).
 * Members that are undefined are left out.
 */
export function canonicalBytes(value: Canonical): Buffer {
  return Buffer.from(canonical(value));
}

function canonical(value: Canonical): string {
  if (Array.isArray(value)) return `[${value.map((one: Canonical) => canonical(one)).join(',')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member as Canonical)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}
