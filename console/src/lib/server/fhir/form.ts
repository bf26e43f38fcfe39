import { FhirFault } from './fault.ts';

/** Parameters of a posted form (FHIR R4 http, search by POST). @throws {FhirFault} unsupported-media */
export async function formEntries(request: Request): Promise<[string, string][]> {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const body = await request.text();
  if (type !== 'application/x-www-form-urlencoded' && body !== '')
    throw new FhirFault('unsupported-media', 'Parameters are posted as application/x-www-form-urlencoded.');
  return [...new URLSearchParams(body)];
}
