import type { AuditEvent, Bundle, CapabilityStatement, OperationOutcome } from 'fhir/r4';

export type FhirResource = AuditEvent | Bundle<AuditEvent> | CapabilityStatement | OperationOutcome;

const escapes: Readonly<Record<string, string>> = {
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
    .replaceAll(/[&<>"\t\n\r]/g, (character) => escapes[character] ?? character)
    .replaceAll(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd');
}

/**
 * A resource as FHIR XML (R4 xml.html): elements in the order in which the object holds them, which must be the standard's;
 * primitives as `value` attributes, `id` and an extension's `url` as attributes.
 */
export function writeXml(resource: FhirResource): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${resourceXml(resource, ' xmlns="http://hl7.org/fhir"')}`;
}

function resourceXml(resource: object, namespace: string): string {
  const { resourceType, ...rest } = resource as { resourceType: string };
  return element(resourceType, rest, namespace, true);
}

function element(name: string, value: object, namespace = '', isResource = false): string {
  let attributes = namespace;
  let content = '';
  for (const [key, one] of Object.entries(value)) {
    if (one === undefined || key.startsWith('_')) continue;
    if ((key === 'id' && !isResource) || (key === 'url' && /xtension$/.test(name))) {
      attributes += ` ${key}="${escapeXml(String(one))}"`;
      continue;
    }
    for (const item of [one].flat() as unknown[])
      if (typeof item !== 'object' || item === null)
        content += `<${key} value="${escapeXml(String(item))}"/>`;
      else if ('resourceType' in item) content += `<${key}>${resourceXml(item, '')}</${key}>`;
      else content += element(key, item);
  }
  return content === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`;
}
