import { FhirFault } from './fault.ts';
import { writeXml, type FhirResource } from './xml.ts';

export type Format = 'json' | 'xml';

const formats: Readonly<Record<string, Format>> = {
  json: 'json',
  'application/json': 'json',
  'application/fhir+json': 'json',
  'text/json': 'json',
  xml: 'xml',
  'application/xml': 'xml',
  'application/fhir+xml': 'xml',
  'text/xml': 'xml',
  '*/*': 'json',
  'application/*': 'json',
  'text/*': 'json'
};

/**
 * JSON or XML, as `_format` or Accept asks (FHIR R4 http, content types); JSON when neither says. A browser's `text/html`
 * is passed over.
 * @throws {FhirFault} not-acceptable
 */
export function formatOf(accept: string | null, asked: string | null): Format {
  if (asked !== null) {
    // A literal plus sign of `application/fhir+json` reads as a blank in a query.
    const format = readType(asked.replaceAll(' ', '+'));
    if (format !== undefined) return format;
    throw new FhirFault(
      'not-acceptable',
      'Answers are application/fhir+json or application/fhir+xml, FHIR 4.0.',
      {
        parameter: '_format'
      }
    );
  }
  const wanted = (accept ?? '')
    .split(',')
    .filter((one) => one.trim() !== '')
    .slice(0, 20);
  if (wanted.length === 0) return 'json';
  const ranked = wanted
    .map((one, order) => ({ one, order, q: Number(/;\s*q=([\d.]+)/i.exec(one)?.[1] ?? 1) }))
    .filter(({ q }) => q > 0)
    .toSorted((a, b) => b.q - a.q || a.order - b.order);
  for (const { one } of ranked) {
    const format = readType(one);
    if (format !== undefined) return format;
  }
  throw new FhirFault(
    'not-acceptable',
    'Answers are application/fhir+json or application/fhir+xml, FHIR 4.0.'
  );
}

function readType(text: string): Format | undefined {
  const version = /;\s*fhirversion="?([\d.]+)/i.exec(text)?.[1];
  if (version !== undefined && !version.startsWith('4.0')) return undefined;
  return formats[(text.split(';')[0] ?? '').trim().toLowerCase()];
}

const mediaTypes = { json: 'application/fhir+json', xml: 'application/fhir+xml' } as const;

/** One resource as an HTTP answer. */
export function answer(
  resource: FhirResource,
  format: Format,
  init: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {}
): Response {
  return new Response(format === 'json' ? JSON.stringify(resource) : writeXml(resource), {
    status: init.status ?? 200,
    headers: {
      'content-type': `${mediaTypes[format]}; charset=utf-8`,
      vary: 'accept, authorization',
      ...init.headers
    }
  });
}
