import type { CapabilityStatement } from 'fhir/r4';
import { parameters } from './parameters.ts';

/** What this side of the repository does: search and read. The feed is the collector's, which has its own statement. */
export function capabilityStatement(base: string): CapabilityStatement {
  return {
    resourceType: 'CapabilityStatement',
    url: `${base}/metadata`,
    name: 'VigieAuditSearch',
    title: 'Vigie: search and read of audit events',
    status: 'active',
    date: '2026-11-24',
    publisher: 'Vigie',
    description:
      'IHE ATNA Audit Record Repository: ITI-81 and ITI-82. Events are written by the collector (ITI-20 by syslog and FHIR feed).',
    kind: 'instance',
    software: { name: 'Vigie console' },
    implementation: { description: 'Search and read of audit events', url: base },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'application/fhir+xml', 'json', 'xml'],
    rest: [
      {
        mode: 'server',
        documentation:
          'Create and batch (ITI-20 feed) are served by the collector at POST /fhir/AuditEvent and POST /fhir; a reverse proxy joins both under one base.',
        security: {
          service: [{ text: 'Bearer token' }],
          description:
            'Every search and read needs a token, scoped by role and establishments, and is itself written to the log before it is answered.'
        },
        resource: [
          {
            type: 'AuditEvent',
            interaction: [{ code: 'read' }, { code: 'search-type' }],
            versioning: 'no-version',
            readHistory: false,
            updateCreate: false,
            conditionalCreate: false,
            conditionalRead: 'not-supported',
            conditionalUpdate: false,
            conditionalDelete: 'not-supported',
            searchParam: Object.entries(parameters).map(([name, { definition, type, documentation }]) => ({
              name,
              ...(definition !== undefined && { definition }),
              type,
              documentation
            }))
          }
        ]
      }
    ]
  };
}
