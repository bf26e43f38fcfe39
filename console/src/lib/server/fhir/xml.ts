import type { AuditEvent, Bundle, CapabilityStatement, OperationOutcome } from 'fhir/r4';
import { writeFhirXml } from '@vigie/schemas/fhir-xml';

export { escapeXml } from '@vigie/schemas/fhir-xml';

export type FhirResource = AuditEvent | Bundle<AuditEvent> | CapabilityStatement | OperationOutcome;

/** A resource as FHIR XML (R4 xml.html): elements in the order in which the object holds them, which must be the standard's. */
export const writeXml = (resource: FhirResource): string => writeFhirXml(resource);
