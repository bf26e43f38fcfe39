import { expect, test } from 'vitest';
import { buildAuditMessage, dcm } from './audit-message.ts';

test('a message is written as PS3.15 A.5 has it, every character escaped', () => {
  const xml = buildAuditMessage({
    event: dcm('110112', 'Query'),
    action: 'E',
    outcome: 0,
    dateTime: '2026-11-24T08:05:00.000+01:00',
    participants: [
      {
        userId: 'a&"<b>\n',
        requestor: true,
        accessPoint: '10.0.0.1',
        accessPointType: 2,
        roles: [dcm('110153', 'Source')]
      }
    ],
    sourceId: 'VIGIE',
    objects: [
      {
        id: '1.2.3',
        idType: dcm('110180', 'Study Instance UID'),
        type: 2,
        role: 3,
        accessions: ['A1'],
        sopClasses: [{ uid: '1.2', instances: 3 }]
      }
    ]
  });
  expect(xml).toBe(
    '<AuditMessage>' +
      '<EventIdentification EventActionCode="E" EventDateTime="2026-11-24T08:05:00.000+01:00" EventOutcomeIndicator="0">' +
      '<EventID csd-code="110112" codeSystemName="DCM" originalText="Query"/></EventIdentification>' +
      '<ActiveParticipant UserID="a&amp;&quot;&lt;b&gt;&#10;" UserIsRequestor="true" NetworkAccessPointID="10.0.0.1" NetworkAccessPointTypeCode="2">' +
      '<RoleIDCode csd-code="110153" codeSystemName="DCM" originalText="Source"/></ActiveParticipant>' +
      '<AuditSourceIdentification AuditSourceID="VIGIE"/>' +
      '<ParticipantObjectIdentification ParticipantObjectID="1.2.3" ParticipantObjectTypeCode="2" ParticipantObjectTypeCodeRole="3">' +
      '<ParticipantObjectIDTypeCode csd-code="110180" codeSystemName="DCM" originalText="Study Instance UID"/>' +
      '<ParticipantObjectDescription><Accession Number="A1"/><SOPClass UID="1.2" NumberOfInstances="3"/></ParticipantObjectDescription>' +
      '</ParticipantObjectIdentification></AuditMessage>'
  );
});

test('characters XML cannot hold are replaced, never written', () => {
  const xml = buildAuditMessage({
    event: dcm('1', 'x'),
    action: 'E',
    outcome: 0,
    dateTime: 'd',
    participants: [],
    sourceId: 'a\u0000b'
  });
  expect(xml).toContain('AuditSourceID="a\ufffdb"');
});
