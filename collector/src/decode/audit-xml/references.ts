const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Resolves references; null for one that is not predefined, or a character that XML does not allow. */
export function resolveReferences(value: string): string | null {
  let result = '';
  let from = 0;
  for (;;) {
    const at = value.indexOf('&', from);
    if (at < 0) return result + value.slice(from);
    const end = value.indexOf(';', at);
    if (end < 0) return null;
    const name = value.slice(at + 1, end);
    const character = Object.hasOwn(entities, name) ? entities[name] : referred(name);
    if (character === undefined) return null;
    result += value.slice(from, at) + character;
    from = end + 1;
  }
}

/** A character reference of printable ASCII or beyond, in the forms that emitters use. */
function referred(name: string): string | undefined {
  const digits = /^#(?:x([\da-fA-F]{2,5})|(\d{2,6}))$/.exec(name);
  if (digits === null) return undefined;
  const code = digits[1] === undefined ? Number(digits[2]) : Number.parseInt(digits[1], 16);
  return (code >= 0x20 && code < 0xd800) || (code >= 0xe000 && code < 0xfffe)
    ? String.fromCharCode(code)
    : undefined;
}
