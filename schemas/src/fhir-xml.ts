/** A FHIR resource in its JSON form. */
export interface FhirResource {
  readonly resourceType: string;
  readonly [element: string]: unknown;
}

/**
 * Writes a FHIR resource as XML (R4, 2.6.1). Elements come in the order of the object's names, which the caller keeps as
 * R4 has it; narrative (`div`) is not written.
 */
export function writeFhirXml(resource: { readonly resourceType: string }): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${resourceXml(resource, ' xmlns="http://hl7.org/fhir"')}`;
}

function resourceXml(
  { resourceType, ...elements }: { readonly resourceType: string },
  attributes = ''
): string {
  return tag(resourceType, attributes, members(elements));
}

function members(elements: Readonly<Record<string, unknown>>): string {
  return Object.entries(elements)
    .filter(([name]) => !name.startsWith('_'))
    .map(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one) => element(name, one)).join('')
    )
    .join('');
}

function element(name: string, value: unknown): string {
  if (value === undefined || value === null || name === 'div') return '';
  if (typeof value !== 'object') return tag(name, ` value="${escapeXml(String(value))}"`, '');
  if (isResource(value)) return tag(name, '', resourceXml(value));
  const inAttributes = (key: string) => key === 'id' || (key === 'url' && /xtension$/.test(name));
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  const attributes = entries
    .filter(([key]) => inAttributes(key))
    .map(([key, part]) => ` ${key}="${escapeXml(String(part))}"`);
  return tag(
    name,
    attributes.join(''),
    members(Object.fromEntries(entries.filter(([key]) => !inAttributes(key))))
  );
}

const isResource = (value: object): value is { readonly resourceType: string } =>
  'resourceType' in value && typeof value.resourceType === 'string';

const tag = (name: string, attributes: string, content: string) =>
  content === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;'
};

/** Text fit for an attribute or element; what XML 1.0 cannot hold becomes U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[&<>"\t\n\r]/g, (character) => entities[character] ?? character)
    .replaceAll(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd');
}
