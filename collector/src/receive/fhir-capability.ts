import { readFileSync } from 'node:fs';
import type { FhirResource } from '@vigie/schemas/fhir-xml';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};
/** When what it says last changed. */
const date = '2026-11-24';

/**
 * The CapabilityStatement of the feed (ITI-20, FHIR R4).
 * @param base public address of [base]; undefined when none is configured
 */
export function capabilityStatement(base: string | undefined): FhirResource {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date,
    publisher: 'Vigie',
    kind: 'instance',
    software: { name: 'Vigie collector', version },
    implementation: {
      description:
        'Audit record repository: the feed. Search (ITI-81) and read are the console’s, below the same [base]',
      ...(base !== undefined && { url: base })
    },
    fhirVersion: '4.0.1',
    format: ['application/fhir+xml', 'application/fhir+json'],
    rest: [
      {
        mode: 'server',
        documentation:
          'POST [base]/AuditEvent answers 201 with its Location once the event is on disk; a Bundle of type batch answers entry by entry. Events are never changed nor removed.',
        security: { description: 'TLS, and an API key a sender: Authorization: Bearer' },
        resource: [
          {
            type: 'AuditEvent',
            supportedProfile: [
              'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.Create',
              'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.Read',
              'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.Update',
              'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.Delete',
              'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.Query',
              'https://interop.esante.gouv.fr/ig/fhir/tde/StructureDefinition/tde-auditevent'
            ],
            interaction: [{ code: 'create' }],
            versioning: 'no-version',
            readHistory: false,
            updateCreate: false,
            conditionalCreate: false,
            conditionalRead: 'not-supported',
            conditionalUpdate: false,
            conditionalDelete: 'not-supported'
          }
        ],
        interaction: [{ code: 'batch' }]
      }
    ]
  };
}
