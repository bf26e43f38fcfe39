import { RefusedError } from './http-errors.ts';

export type Syntax = 'json' | 'xml';

const syntaxes: Readonly<Record<string, Syntax>> = {
  'application/fhir+json': 'json',
  'application/json': 'json',
  'text/json': 'json',
  json: 'json',
  'application/fhir+xml': 'xml',
  'application/xml': 'xml',
  'text/xml': 'xml',
  xml: 'xml'
};
/** R4, and R4B, whose AuditEvent is the same. */
const versions = new Set(['4.0', '4.0.0', '4.0.1', '4.3', '4.3.0']);

/** Syntax of a request body, and whether its content type leaves R4 possible. @throws {RefusedError} fhir-media-type */
export function syntaxOfBody(contentType: string | undefined): { syntax: Syntax; ofR4: boolean } {
  const { type, parameters } = mediaType(contentType ?? '');
  const syntax = type.includes('/') ? syntaxes[type] : undefined;
  if (syntax === undefined) throw new RefusedError('fhir-media-type');
  return { syntax, ofR4: versions.has(parameters.get('fhirversion') ?? '4.0') };
}

/**
 * Syntax of the answer: `_format`, else the first of Accept that can be given, else that of the body.
 * @throws {RefusedError} fhir-not-acceptable
 */
export function syntaxOfAnswer(
  accept: string | undefined,
  format: string | undefined,
  contentType: string | undefined
): Syntax {
  if (format !== undefined && format !== '') return known(mediaType(format.replaceAll(' ', '+')).type);
  const body = syntaxes[mediaType(contentType ?? '').type] ?? 'json';
  if (accept === undefined || accept.trim() === '') return body;
  const wanted = accept
    .slice(0, 1000)
    .split(',')
    .map(mediaType)
    .filter(
      ({ parameters }) =>
        Number(parameters.get('q') ?? '1') > 0 && versions.has(parameters.get('fhirversion') ?? '4.0')
    )
    .toSorted((a, b) => Number(b.parameters.get('q') ?? '1') - Number(a.parameters.get('q') ?? '1'));
  for (const { type } of wanted) {
    if (type === '*/*' || type === 'application/*') return body;
    const syntax = syntaxes[type];
    if (syntax !== undefined) return syntax;
  }
  throw new RefusedError('fhir-not-acceptable');
}

/** Content type of an answer. */
export function answerType(syntax: Syntax): string {
  return syntax === 'xml' ? 'application/fhir+xml; charset=utf-8' : 'application/fhir+json; charset=utf-8';
}

function known(type: string): Syntax {
  const syntax = syntaxes[type];
  if (syntax === undefined) throw new RefusedError('fhir-not-acceptable');
  return syntax;
}

function mediaType(text: string): { type: string; parameters: ReadonlyMap<string, string> } {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim().toLowerCase());
  const parameters = new Map(
    rest.map((part) => {
      const [name = '', value = ''] = part.split('=');
      return [name.trim(), value.trim().replaceAll('"', '')] as const;
    })
  );
  return { type, parameters };
}
